/* server/store/statements.h - where all statements and lists are, for the test that prepares every one
 *
 * Each array ends with an empty row.
 */
#ifndef POSTREEVE_STORE_STATEMENTS_H
#define POSTREEVE_STORE_STATEMENTS_H

#include "store/listing.h"
#include "store/statement.h"

extern const struct statement account_statements[], alias_statements[], alias_domain_statements[],
    domain_statements[], log_statements[], mailbox_statements[], migrate_statements[], session_statements[],
    throttle_statements[], turn_statements[];
extern const struct listing admin_listing, alias_listing, alias_domain_listing, domain_listing, log_listing,
    mailbox_listing;

extern const struct statement transport_statements[], sender_access_statements[], sender_login_statements[];
extern const struct listing transport_listing, sender_access_listing, sender_login_listing;
extern const struct statement account_statements[];
extern const struct statement alias_domain_statements[];
extern const struct statement alias_statements[];
extern const struct statement domain_statements[];
extern const struct statement image_statements[];
extern const struct statement journal_statements[];
extern const struct statement mailbox_statements[];
extern const struct statement migrate_statements[];
extern const struct statement request_statements[];
extern const struct statement sender_access_statements[];
extern const struct statement sender_login_statements[];
extern const struct statement session_statements[];
extern const struct statement throttle_statements[];
extern const struct statement transport_statements[];
extern const struct statement turn_statements[];
extern const struct listing admin_listing;
extern const struct listing alias_domain_listing;
extern const struct listing alias_listing;
extern const struct listing domain_listing;
extern const struct listing log_listing;
extern const struct listing mailbox_listing;
extern const struct listing sender_access_listing;
extern const struct listing sender_login_listing;
extern const struct listing transport_listing;
extern const struct statement transport_statements[], sender_access_statements[], sender_login_statements[],
    relay_statements[];
extern const struct listing transport_listing, sender_access_listing, sender_login_listing, relay_listing;

#endif
