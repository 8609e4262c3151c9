/* lookup/output.h - a file that is either the old one or the new one, never half of both
 *
 * WHAT    New content is written beside the file and compared with the old while it is written. Keeping it
 *         flushes it to the disk and renames it over the old one; the same content touches nothing. What is there and no
 *         plain file (a device, a pipe) is never replaced.
 * OWNS    The file beside, until it is kept or the task ends.
 * ENDS    DONE, or CONFLICT (exit 73) after a line on standard error that names the file.
 */
#ifndef POSTREEVE_LOOKUP_OUTPUT_H
#define POSTREEVE_LOOKUP_OUTPUT_H

#include "base/task.h"

enum output_privacy {
    OUTPUT_PUBLIC, /* 0644 */
    OUTPUT_PROGRAM, /* 0755 */
    OUTPUT_SECRET, /* 0640 for the group postfix where we may give it a file, else 0600 */
    OUTPUT_OPENDKIM, OUTPUT_RSPAMD, /* 0600, and that program's own where there is its account */
};

/* What somebody wrote by hand stays: a file that does not begin with `mark` (a whole line, in a program the
 * second) is refused; one that is not there or empty is fine. */
MUST_USE enum outcome output_check_mark(const char *path, const char *mark);

struct output;
MUST_USE enum outcome output_open(struct task *t, const char *path, enum output_privacy privacy,
                                  struct output **out);
/* The group of that account reads it instead, where we may give it a file. */
MUST_USE enum outcome output_lend(struct output *o, const char *account);
void output_write(struct output *o, struct text piece); /* what goes wrong is told by output_finish */
MUST_USE enum outcome output_finish(struct output *o, bool *changed);
const char *output_beside(const struct output *o); /* the name of the new file until it is kept */
MUST_USE enum outcome output_keep(struct output *o);

/* Waits until nobody else writes files of that directory so, and keeps others waiting until the task ends. Two that make a text
 * and its table at once could leave the newer text beside the older table, which no later run would notice. */
MUST_USE enum outcome output_turn(struct task *t, const char *path);

/* Renames a finished file over another, both flushed to the disk. */
MUST_USE enum outcome output_rename(const char *from, const char *to);
/* Without a slash at its end; `realpath` would need it to exist. */
struct text output_absolute(struct task *t, const char *path);
/* Makes the directories that a path needs. */
MUST_USE enum outcome output_directories(struct task *t, const char *path);

#endif
