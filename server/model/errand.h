/* server/model/errand.h - what has to happen after a change was committed: a program, a webhook, a letter
 *
 * WHAT    An errand as its row has it, and the form in which its row keeps a list of texts. It ends done, or failed after so
 *         many attempts; a failed one can be tried again.
 */
#ifndef POSTREEVE_MODEL_ERRAND_H
#define POSTREEVE_MODEL_ERRAND_H

#include "base/shape.h"

#define ERRAND_ERROR_MAX 2048 /* characters of last_error */

enum errand_state { ERRAND_WAITING, ERRAND_RUNNING, ERRAND_DONE, ERRAND_FAILED };
extern const char *const errand_state_words[]; /* ended by NULL */

struct errand {
    int64_t id;
    struct text kind;  /* "program", "webhook", "letter", "broadcast" */
    struct text event; /* of a program: the key of its hook; of a letter: what it is about */
    struct text verb, actor, target, domain;
    int64_t record;    /* of the log */
    struct text state, last_error;
    int64_t attempts;
    struct moment due, created, finished;
    /* not for the edges */
    struct text delivery, lane, payload;
    struct text sealed; /* under the vault's key, in errand_context(); absent: no secret */
    int64_t claim, seconds;
};
extern const struct shape errand_shape;

/* Lists of texts as one: "5:hello,0:,"; unpacking is false for anything else. */
struct text texts_pack(struct task *t, const struct texts *list);
bool texts_unpack(struct task *t, struct text packed, struct texts *out);

/* For vault_seal() and vault_open(). */
struct text errand_context(struct task *t, const struct errand *e);

/* How long until the next attempt, when so many have failed: from `first` on, each twice the one before, an hour at most. */
int64_t errand_pause_seconds(int64_t attempts, int64_t first);

#endif
