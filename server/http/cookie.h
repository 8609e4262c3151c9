/* server/http/cookie.h - the session's token in a cookie, and the second token that proves whose page asks
 *
 * WHAT    Reads the token out of a Cookie header and writes Set-Cookie.
 * WHY     SameSite=Strict keeps the cookie at home in today's browsers; the CSRF token, which only our own
 *         page can read, does in all of them.
 */
#ifndef POSTREEVE_HTTP_COOKIE_H
#define POSTREEVE_HTTP_COOKIE_H

#include "base/task.h"
#include "http/refusal.h"

#define COOKIE_NAME "postreeve_session"

/* Absent when there is none, when it is no token of ours, or when two differ: then nobody can say whose it
 * is. */
struct text cookie_token(struct text header);
/* `session_token` absent makes the cookie void. */
struct text cookie_set(struct task *t, struct text session_token, bool secure);
/* Whether an unsafe request with this cookie came from our own page. */
struct refusal cookie_check_csrf(struct task *t, struct text session_token, struct text csrf_header);

#endif
