/* server/programs/command.h - the verbs as subcommands
 *
 * WHAT    `postreeve NOUN ACT [KEY] [--option value]...`: nouns, acts, options and help come from the verb rows and shapes.
 *         Sizes take K M G T (powers of 1024); `none` says no limit; booleans are --active and --no-active.
 * SECRETS come from --password-stdin, --password-file FILE or a prompt; never from an argument.
 */
#ifndef POSTREEVE_PROGRAMS_COMMAND_H
#define POSTREEVE_PROGRAMS_COMMAND_H

#include "service/verb.h"

struct command {
    const struct verb *verb;
    struct request in;
    bool as_json, wants_help;
    const char *stranger; /* the argument that it does not take; NULL: none */
};

/* argv begins with the noun. INVALID with problems (fields are named as options) or a
 * stranger; MISSING when there is no such verb. */
MUST_USE enum outcome command_read(struct task *t, int argc, char **argv, struct command *out);
/* Whether the command line has it: what belongs to somebody's session it has not. */
bool command_offers(const struct verb *v);
/* Whether an item is named: neither where there is none, nor for a creation that gives it its number. A list's domain is. */
bool command_has_key(const struct verb *v);
/* Whether that act has an option for the field. */
bool command_takes(const struct field *f, enum act act);
/* What stands behind an option: SIZE|none, N, MOMENT, or the words there are to choose from; empty for a switch. */
struct text command_wants(struct task *t, const struct field *f);
/* `fetchmail --run` and `--out FILE`: beside the verbs of that noun, what runs them. The exit code. */
int command_fetchmail(struct task *t, const char *config_path, int argc, char **argv);
/* `dns DOMAIN [--json] [--zone]`: "dns show", as a person reads it. The exit code. */
int command_dns(struct task *t, const char *config_path, int argc, char **argv);
/* The stem of a secret's options: --password-stdin, --private-key-file. */
struct text command_secret(struct task *t, const struct field *f);
/* postreeve(1) and postreeve.conf(5), as roff. */
void command_manual(struct task *t);
void configuration_manual(struct task *t);
/* All verbs with their summaries, or one with its options. */
void command_help(struct task *t, const struct verb *v);
/* Prints a list or an item as a table, for people. */
void command_print(struct task *t, const struct verb *v, const struct answer *a);

/* 1048576 -> "1M"; what is no whole unit stays in octets. */
struct text size_for_people(struct task *t, int64_t octets);
bool size_from_people(struct text given, int64_t *out);

#endif
