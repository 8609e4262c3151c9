/* server/model/letter.h - letters that the service writes itself, and those that admins have it send
 *
 * WHAT    Templates in English and Japanese, with {name} where a value goes; a file of the operator's may stand in for one:
 *         "Subject: ..." on its first line, an empty line, and the text. Then one letter to one address (letter.create),
 *         and one to all mailboxes of some domains (broadcast.create).
 * SAFE    A value is filled in once and not looked into again; in a subject its line ends are blanks, so that no value
 *         makes a header of its own.
 */
#ifndef POSTREEVE_MODEL_LETTER_H
#define POSTREEVE_MODEL_LETTER_H

#include "base/shape.h"

#define LETTER_SUBJECT_MAX 200
#define LETTER_BODY_MAX 65536

extern const char *const letter_language_words[]; /* "en", "ja"; ended by NULL */
enum { LETTER_EN, LETTER_JA, LETTER_LANGUAGES };
/* English for whatever is none of them. */
size_t letter_language(struct text word);

struct letter_template {
    struct text subject, body;
};
enum letter_kind {
    LETTER_WELCOME, /* {address} {display_name} {domain}: makes the Maildir come into being */
    LETTER_RESET,   /* {address} {link} {minutes}: a new password for who forgot theirs */
    LETTER_QUOTA, /* {address} {domain} {percent}: a mailbox fills up; Dovecot delivers it (lookup/render_quota.c) */
    LETTER_KINDS
};
extern const char *const letter_kind_words[];
struct letter_template letter_builtin(enum letter_kind kind, size_t language);
/* NULL, or the words for what is wrong with the file. */
const char *letter_template_read(struct text file, struct letter_template *out);

struct letter_value {
    const char *name;
    struct text value;
};
struct text letter_fill(struct task *t, struct text pattern, const struct letter_value *values, size_t count);
struct text letter_fill_line(struct task *t, struct text pattern, const struct letter_value *values, size_t count);

struct own_letter {
    struct text to, subject, body, from;
};
extern const struct shape own_letter_shape;

enum broadcast_state { BROADCAST_WAITING, BROADCAST_RUNNING, BROADCAST_DONE, BROADCAST_CANCELLED };
extern const char *const broadcast_state_words[]; /* ended by NULL */

struct broadcast {
    int64_t id;
    struct texts domains;
    struct text subject, body, from, from_name, actor, state, last_error;
    int64_t total, sent, failed;
    struct moment created, finished;
    /* not for the edges */
    struct text domain, done_to;
    int64_t limit;
};
extern const struct shape broadcast_shape;

#endif
