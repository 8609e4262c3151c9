/* server/api/command_words.h - how a field is called on the command line */
#ifndef POSTREEVE_API_COMMAND_WORDS_H
#define POSTREEVE_API_COMMAND_WORDS_H

#include "base/shape.h"

/* "mailbox-limit" of mailbox_limit; the field's own option where it has one. */
struct text command_option(struct task *t, const struct field *f);

#endif
