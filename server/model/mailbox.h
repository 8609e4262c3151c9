/* server/model/mailbox.h - mailboxes, their forwards, and aliases
 *
 * WHAT    A mailbox stores mail and logs in. It always has a row in `alias` too, under its own address: the forward.
 *         That row's goto holds the forward's destinations, then the vacation target while vacation is on, then the
 *         mailbox's own address when it keeps a copy, in that order (Postfix Admin's, so that both read it alike).
 */
#ifndef POSTREEVE_MODEL_MAILBOX_H
#define POSTREEVE_MODEL_MAILBOX_H

#include "model/domain.h"

#define DESTINATIONS_MAX 500 /* Postfix stops at virtual_alias_expansion_limit = 1000, nested ones included */

struct forward {
    field_set given; /* base/shape.h, INSIDE */
    struct texts destinations;
    bool keep_copy;
};
extern const struct shape forward_shape;

struct mailbox {
    struct text address, local_part, display_name, password;
    bool welcome_letter;
    struct text language;
    bool generate_password;
    struct text generated_password;
    struct limit quota_bytes;
    bool active, smtp_active, frozen, second_factor;
    struct forward forward;
    struct text recovery_address;
    struct text maildir;
    int64_t usage_bytes, usage_messages;
    struct moment password_expires, created, modified;
    /* not for the edges */
    struct text domain;          /* of the address */
    struct text stored_password; /* hash, as the database holds it */
    struct texts goto_list;      /* its alias row's goto, as it is stored */
    struct text vacation_target; /* in goto_list while vacation is on */
    struct text stamp;           /* of a new one: `created` as the column gets it; absent: when it is written */
    int64_t password_days;       /* of a new one: how long its password is good; 0: for ever */
};
extern const struct shape mailbox_shape;

struct rename { /* of a mailbox */
    struct text address, local_part;
    bool keep_alias;
};
extern const struct shape rename_shape;

struct alias {
    struct text address, local_part;
    struct texts destinations;
    struct text description;
    bool active;
    struct moment until, created, modified;
    struct text domain, stamp; /* as a mailbox has them; not for the edges */
};
extern const struct shape alias_shape;

#define LEADING_MAX 200
struct leading { /* to a mailbox: aliases of its domain, catch-alls among them */
    struct texts aliases;
    bool complete;
};
extern const struct shape leading_shape;

/* Reads the forward out of goto_list, and writes goto_list from the forward. */
void mailbox_read_goto(struct task *t, struct mailbox *m);
void mailbox_write_goto(struct task *t, struct mailbox *m);

/* The destination that answers for it while it is on vacation: user#domain@vacation_domain. */
struct text mailbox_vacation_target(struct task *t, struct text address, struct text vacation_domain);
/* Gives it another address: its own among the destinations, and its vacation target, follow. */
void mailbox_readdress(struct task *t, struct mailbox *m, struct text address);

/* Where its letters lie, below virtual_mailbox_base; ends in "/". Set once, on creation. */
enum maildir_layout { MAILDIR_DOMAIN_USER, MAILDIR_DOMAIN_ADDRESS, MAILDIR_ADDRESS };
extern const char *const maildir_layout_words[];
struct text mailbox_maildir(struct task *t, struct text address, enum maildir_layout layout);

/* Facts about the domain that a new or changed mailbox must fit into; counts leave the mailbox itself out. */
struct room_left {
    struct domain home;
    int64_t other_mailboxes, other_aliases, other_quota_bytes;
    struct moment now; /* by the database's clock, when the domain was locked */
    struct text stamp; /* the same, as its columns have it */
};
MUST_USE enum outcome mailbox_admit(struct task *t, const struct room_left *room, const struct mailbox *m, bool is_new);
MUST_USE enum outcome mailbox_count_admit(struct task *t, const struct room_left *room);
MUST_USE enum outcome mailbox_quota_admit(struct task *t, const struct room_left *room, struct limit quota);
/* Whoever cannot log in cannot read there how to. */
MUST_USE enum outcome recovery_admit(struct task *t, struct text address, struct text recovery_address);
MUST_USE enum outcome alias_admit(struct task *t, const struct room_left *room);
/* Destinations of an alias at `address`: at least one, and not itself alone. */
MUST_USE enum outcome alias_destinations_admit(struct task *t, const char *field, struct text address,
                                               const struct texts *destinations);
MUST_USE enum outcome forward_admit(struct task *t, const char *prefix, const struct forward *f);

#endif
