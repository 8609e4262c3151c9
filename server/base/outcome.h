/* server/base/outcome.h - how anything here can end
 *
 * WHAT    Whatever can fail returns one of these. Words for people are problems on the task (task.h);
 *         each edge (HTTP, exit codes, socketmap) owns one array that translates an outcome.
 * WHY     Three truths: yes (DONE), no (MISSING) and cannot tell now (RETRY). RETRY must never turn into
 *         MISSING on the way out: that bounces a real person's letter.
 */
#ifndef POSTREEVE_BASE_OUTCOME_H
#define POSTREEVE_BASE_OUTCOME_H

#define MUST_USE __attribute__((warn_unused_result))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum outcome {
    DONE,
    INVALID,  /* the input is wrong; at least one problem says where */
    STRANGER, /* nobody is logged in, or the log-in was refused */
    DENIED,   /* known, but may not */
    MISSING,  /* the source answered, and said there is none */
    CONFLICT, /* stands against something that is there already */
    STALE,    /* the caller changed a version that is no longer the newest */
    BUSY,     /* too many attempts; later */
    RETRY,    /* could not tell now */
    BROKEN,   /* our own fault, logged where it arose */
};
#define OUTCOMES (BROKEN + 1)

#endif
