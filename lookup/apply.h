/* lookup/apply.h - brings what was rendered into a Postfix that is there
 *
 * WHAT    Copies main.cf and master.cf to a directory of its own beside them, changes the copies by postconf -e, -M and
 *         -P, and has Postfix check them. Only then are the two files saved under a name with the date
 *         (main.cf.postreeve-20261231T235959Z), which no later run writes over, and replaced by the copies. Postfix
 *         checks once more what then stands there. What differs in nothing is not touched.
 * WHY     postconf changes a file at once, one kind of change after another: in the middle Postfix would read what
 *         nobody meant. Of two files no two renames are one, so a note beside them (postreeve-apply.journal) says
 *         before the first which saved files belong there until the second is checked.
 * ENDS    DONE; CONFLICT when a step failed, and then the two files are what they were. Killed at any moment, the next
 *         run finds the note and puts the saved files back before it begins.
 */
#ifndef POSTREEVE_LOOKUP_APPLY_H
#define POSTREEVE_LOOKUP_APPLY_H

#include "base/task.h"

/* `main` and `master`: the rendered pieces. */
MUST_USE enum outcome apply(struct task *t, const char *directory, struct text main, struct text master);

/* Puts back what a run that was killed had begun to replace; a line in the log when there was one. */
MUST_USE enum outcome apply_mend(struct task *t, const char *directory);
/* Whether there is one. */
bool apply_is_unfinished(struct task *t, const char *directory);

/* postfix reload */
MUST_USE enum outcome apply_reload(struct task *t, const char *directory);

#endif
