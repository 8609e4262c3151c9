/* server/service/verbs.c - all the verbs there are: one array per resource */
#include "service/tables.h"

const struct verb *const verb_tables[] = {
    session_verbs,
    me_verbs,
    domain_verbs,
    mailbox_verbs,
    vacation_verbs,
    alias_verbs,
    alias_domain_verbs,
    admin_verbs,
    log_verbs,
    transport_verbs,
    sender_access_verbs,
    sender_login_verbs,
    relay_verbs,
    fetchmail_verbs,
    errand_verbs,
    letter_verbs,
    broadcast_verbs,
    token_verbs,
    password_reset_verbs,
    second_factor_verbs,
    app_password_verbs,
    own_access_verbs,
    log_in_verbs,
    NULL,
};
