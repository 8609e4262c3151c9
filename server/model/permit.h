/* server/model/permit.h - who may do what to whom
 *
 * WHAT    verb (its `may`) x role x ownership x rank of the target. Facts in, verdict out.
 * WHY     One table that people can read and tests can walk. MAY_UNSET is 0: a verb that says nothing stops the
 *         start, so that silence never means public.
 */
#ifndef POSTREEVE_MODEL_PERMIT_H
#define POSTREEVE_MODEL_PERMIT_H

#include "model/account.h"

enum may {
    MAY_UNSET,
    MAY_LOG_IN,          /* anybody */
    MAY_SEE_SESSION,     /* whoever is logged in */
    MAY_RENEW_PASSWORD,  /* one's own password, and whose it is */
    MAY_USE_ACCOUNT,     /* one's own password and data */
    MAY_USE_MAILBOX,     /* one's own mailbox: its forward */
    MAY_USE_TOKENS,      /* one's own; a super admin sees and revokes everybody's */
    MAY_READ_DOMAINS,
    MAY_EDIT_DOMAINS,
    MAY_READ_MAILBOXES,
    MAY_EDIT_MAILBOXES,
    MAY_READ_ALIASES,
    MAY_EDIT_ALIASES,
    MAY_READ_ALIAS_DOMAINS,
    MAY_EDIT_ALIAS_DOMAINS,
    MAY_MANAGE_ROUTING,  /* transports, sender access, relays: they concern the whole server */
    MAY_READ_SENDER_LOGINS,
    MAY_EDIT_SENDER_LOGINS,
    MAY_READ_FETCHMAIL,
    MAY_EDIT_FETCHMAIL,
    MAY_MANAGE_ADMINS,
    MAY_READ_LOG,
    MAY_UNDO,            /* what one may do, one may undo */
    MAY_VERIFY_LOG,
    MAY_SEND_LETTERS,    /* one, or one to all mailboxes of domains */
    MAY_MANAGE_ERRANDS,  /* what follows from changes: programs, webhooks, letters */
    MAY_REPORT_LOG_INS,  /* the mail daemons, by a token of a super admin's */
    MAY_END
};
#define MAYS MAY_END

enum reach { REACH_NONE, REACH_OWN_DOMAINS, REACH_ALL };

enum reach permit_reach(enum may may, enum role role);

struct target {
    bool owned;      /* its domain is delegated to the actor */
    enum role rank;  /* of the account with that name; ROLE_NOBODY where there is none */
};
/* Whether it is for accounts, too, whose password has grown too old: until it is renewed, hardly anything is. */
bool permitted_to_expired(enum may may);
/* The verdict over one target. */
bool permitted(enum may may, enum role role, const struct target *target);

#endif
