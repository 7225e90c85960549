// caught: plugin, a TurnledgerError
export const made = Error('the same without new');
