/* server/outside/outside.h - what leaves the house: letters, requests to others, programs
 *
 * WHAT    The room that speaks to the outside: letter.h (mail by SMTP), probe.h (whether a relay works), webhook.h (a
 *         POST to somebody's URL), program.h (a program with its arguments). It knows no resource by name.
 * THREAD  Everything here blocks, at most as long as the caller said in seconds, and may be called on any thread that is
 *         none of those that hold sockets. Never inside a transaction.
 */
#ifndef POSTREEVE_OUTSIDE_OUTSIDE_H
#define POSTREEVE_OUTSIDE_OUTSIDE_H

#include "base/outcome.h"

/* Once per process, before threads; BROKEN (logged) when libcurl cannot be used. */
MUST_USE enum outcome outside_start(void);
void outside_stop(void);

#endif
