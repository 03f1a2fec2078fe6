/** Mistakes in a row after which a connection is closed: an honest client mends its ways earlier. */
export const MAX_MISTAKES = 100;
