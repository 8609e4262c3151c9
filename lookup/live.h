/* lookup/live.h - a Postfix that is configured, beside what would be rendered for it now
 *
 * WHAT    Reads main.cf and master.cf through postconf(1), as Postfix itself understands them, and names each parameter,
 *         service, column and override that is another than the rendered files say. What stands there and is not rendered
 *         is the operator's, and no difference; so is a column that we leave to Postfix (`-`).
 *         A service for a port is found under any of that port's names: smtps, submissions and 465 are one.
 * OWNS    All of it lives as long as the task.
 * ENDS    DONE; CONFLICT when postconf cannot be run, or cannot read them, after its words.
 */
#ifndef POSTREEVE_LOOKUP_LIVE_H
#define POSTREEVE_LOOKUP_LIVE_H

#include "base/task.h"

/* Runs a program of Postfix by its arguments (ended by NULL), never through a shell; found on PATH or in /usr/sbin.
 * `out` and `words` are its standard output and error, 1 MiB each at most. CONFLICT when it cannot be started. */
struct heard {
    struct text out, words;
    int status; /* 128 and the signal, when one ended it */
};
MUST_USE enum outcome live_run(struct task *t, const char *const *arguments, struct heard *out);
/* The same; that it ends with something else than 0 is CONFLICT, too, after its words. */
MUST_USE enum outcome live_ask(struct task *t, const char *const *arguments, struct heard *out);

enum difference_kind {
    DIFFERENT_PARAMETER, /* `name` of main.cf */
    DIFFERENT_SERVICE,   /* missing, or another in its columns or arguments: `entry` is what should stand there */
    DIFFERENT_OVERRIDE,  /* an -o of a service that is else as it should be; name is service/type/parameter */
};

struct difference {
    enum difference_kind kind;
    struct text file, name;
    struct text live;     /* absent: there is none */
    struct text rendered;
    struct text service, entry; /* service/type as it stands there; the whole line, with what the operator added */
};

struct differences {
    struct difference *items;
    size_t count;
};

/* `main` and `master` are the rendered pieces of main.cf and master.cf. */
MUST_USE enum outcome live_compare(struct task *t, const char *directory, struct text main, struct text master,
                                   struct differences *out);

#endif
