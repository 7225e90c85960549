import { describe, expect, test } from '@jest/globals';
import { failureOf, failureOfEmbeddedError, failureOfStatus } from './model-failures.ts';
import { WireFault } from './wire-fault.ts';

describe('failureOfStatus', () => {
  test.each([
    [302, 'model_redirected'],
    [400, 'model_request_refused'],
    [402, 'model_unauthorized'],
    [410, 'model_not_found'],
    [418, 'model_request_refused'],
    [425, 'model_overloaded'],
    [501, 'model_server_error'],
    [999, 'model_server_error'],
  ])('%i is %s', (status, code) => {
    expect(failureOfStatus(status)).toBe(code);
  });
});

describe('failureOfEmbeddedError', () => {
  test.each([
    [{ message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' }, 'model_rate_limited'],
    [{ code: 429 }, 'model_rate_limited'],
    [{ code: '503' }, 'model_overloaded'],
    [{ type: 'overloaded_error' }, 'model_overloaded'],
    [{ code: 'content_filter' }, 'model_content_filtered'],
    [{ message: 'boom' }, 'model_server_error'],
    ['boom', 'model_server_error'],
  ])('%j is %s', (error, code) => {
    expect(failureOfEmbeddedError(error)).toBe(code);
  });
});

describe('failureOf', () => {
  test('keeps the name of our own faults', () => {
    expect(failureOf(new WireFault('model_body_too_large'))).toEqual({ kind: 'failed', code: 'model_body_too_large' });
  });

  test('takes what has no name for a cut', () => {
    for (const error of [undefined, 'x', new TypeError('x')])
      expect(failureOf(error)).toMatchObject({ code: 'model_stream_cut' });
  });
});
