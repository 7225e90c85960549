// caught: testing-is-for-tests
import { room } from '@turnledger/shared/testing';

export const suite = room;
