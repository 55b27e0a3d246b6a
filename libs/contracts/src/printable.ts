/** A line of foreign text for display: characters that control a terminal or change the reading direction are replaced. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
