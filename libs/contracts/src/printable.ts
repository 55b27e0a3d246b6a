/** A line of text that comes from outside, to be shown: what would steer a terminal, or turn the reading direction, is replaced. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
