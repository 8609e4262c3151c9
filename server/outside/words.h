/* server/outside/words.h - what others said, made fit to be stored and shown */
#ifndef POSTREEVE_OUTSIDE_WORDS_H
#define POSTREEVE_OUTSIDE_WORDS_H

#include "base/task.h"

#define WORDS_MAX 512 /* octets of what a server said, or of libcurl's reason */

/* Valid UTF-8 of at most `most` octets, with '?' in place of every other octet and of control characters other than
 * those in `allowed`. White space at the ends is gone. */
struct text words_of(struct task *t, struct text given, size_t most, const char *allowed);
/* Printable ASCII and nothing else? Header values and names of hosts are. */
bool words_are_plain(struct text given);

#endif
