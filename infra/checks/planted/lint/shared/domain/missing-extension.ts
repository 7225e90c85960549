// caught: lint/correctness/useImportExtensions
import { answer } from './CamelCase';

export const twice = answer * 2;
