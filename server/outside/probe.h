/* server/outside/probe.h - does this relay work? Step by step, and without a letter
 *
 * WHAT    Looks the host up, connects, secures the line, introduces us, logs in, and says QUIT. The certificate must be
 *         valid for the host, as it must when a letter is sent (letter.h).
 * ENDS    DONE when the steps tell: the first that failed has the reason in `words`, those after it are skipped. A step
 *         that the route does not ask for (no TLS, no user) is skipped, too.
 *         INVALID with a problem on the task: the route itself is malformed.
 *         `words` are at most 512 octets each and hold no password and nothing that we said.
 */
#ifndef POSTREEVE_OUTSIDE_PROBE_H
#define POSTREEVE_OUTSIDE_PROBE_H

#include "outside/letter.h"

enum probe_state { PROBE_SKIPPED, PROBE_OK, PROBE_FAILED };
extern const char *const probe_state_words[]; /* "skipped", "ok", "failed"; ended by NULL */

enum probe_part { PROBE_RESOLVE, PROBE_CONNECT, PROBE_TLS, PROBE_EHLO, PROBE_AUTH, PROBE_QUIT, PROBE_PARTS };

struct probe {
    bool works; /* no step failed */
    struct probe_step {
        const char *step; /* "resolve", "connect", "tls", "ehlo", "auth", "quit" */
        enum probe_state state;
        struct text words; /* empty when skipped */
    } steps[PROBE_PARTS];
};

MUST_USE enum outcome probe_relay(struct task *t, const struct letter_route *r, struct probe *out);

#endif
