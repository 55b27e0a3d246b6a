/** The page runs and loads nothing but its own files, and other pages may not put it into a frame. @param frames the origins of pages that may put it into a frame */
export const pagePolicy = (frames: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frames.length === 0 ? "'none'" : frames.join(' ')}`,
  ].join('; ')

/** Every answer of every app has them: to readers and to senders, errors too, also those of the HTTP parser. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy(),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // Pages that a key names get another value (access/browser-origins.ts).
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  // Answers contain data of customers. Files of the page have another value.
  'cache-control': 'no-store',
}
