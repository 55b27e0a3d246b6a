/** An id with blanks at its ends, or with invisible characters, in quotes and with escapes. */
export const visible = (id: string): string => (/^\s|\s$|\p{C}/u.test(id) ? JSON.stringify(id) : id)
