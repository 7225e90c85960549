// caught: plugin, a TurnledgerError
export const tooLarge = (): RangeError => new RangeError('made, not thrown');
