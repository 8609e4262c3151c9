/* server/model/permit.c */
#include "model/permit.h"

#define ALL REACH_ALL
#define OWN REACH_OWN_DOMAINS
#define NO REACH_NONE

static const enum reach reaches[MAYS][ROLES] = {
    /*                          nobody user  domain admin  super admin */
    [MAY_UNSET]              = { NO,   NO,   NO,           NO },
    [MAY_LOG_IN]             = { ALL,  ALL,  ALL,          ALL },
    [MAY_SEE_SESSION]        = { NO,   ALL,  ALL,          ALL },
    [MAY_RENEW_PASSWORD]     = { NO,   ALL,  ALL,          ALL },
    [MAY_USE_ACCOUNT]        = { NO,   ALL,  ALL,          ALL },
    [MAY_USE_MAILBOX]        = { NO,   ALL,  NO,           NO },
    [MAY_READ_DOMAINS]       = { NO,   NO,   OWN,          ALL },
    [MAY_EDIT_DOMAINS]       = { NO,   NO,   NO,           ALL },
    [MAY_READ_MAILBOXES]     = { NO,   NO,   OWN,          ALL },
    [MAY_EDIT_MAILBOXES]     = { NO,   NO,   OWN,          ALL },
    [MAY_READ_ALIASES]       = { NO,   NO,   OWN,          ALL },
    [MAY_EDIT_ALIASES]       = { NO,   NO,   OWN,          ALL },
    [MAY_READ_ALIAS_DOMAINS] = { NO,   NO,   OWN,          ALL },
    [MAY_EDIT_ALIAS_DOMAINS] = { NO,   NO,   OWN,          ALL },
    [MAY_MANAGE_ROUTING]     = { NO,   NO,   NO,           ALL },
    [MAY_READ_SENDER_LOGINS] = { NO,   NO,   OWN,          ALL },
    [MAY_EDIT_SENDER_LOGINS] = { NO,   NO,   OWN,          ALL },
    [MAY_READ_FETCHMAIL]     = { NO,   NO,   OWN,          ALL },
    [MAY_EDIT_FETCHMAIL]     = { NO,   NO,   OWN,          ALL },
    [MAY_MANAGE_ADMINS]      = { NO,   NO,   NO,           ALL },
    [MAY_READ_LOG]           = { NO,   NO,   OWN,          ALL },
    [MAY_USE_TOKENS]         = { NO,   ALL,  ALL,          ALL },
    [MAY_UNDO]               = { NO,   NO,   OWN,          ALL },
    [MAY_VERIFY_LOG]         = { NO,   NO,   NO,           ALL },
    [MAY_SEND_LETTERS]       = { NO,   NO,   OWN,          ALL },
    [MAY_MANAGE_ERRANDS]     = { NO,   NO,   NO,           ALL },
    [MAY_REPORT_LOG_INS]     = { NO,   NO,   NO,           ALL },
};

enum reach permit_reach(enum may may, enum role role)
{
    return reaches[may][role];
}

bool permitted_to_expired(enum may may)
{
    return may == MAY_LOG_IN || may == MAY_SEE_SESSION || may == MAY_RENEW_PASSWORD;
}

bool permitted(enum may may, enum role role, const struct target *target)
{
    switch (permit_reach(may, role)) {
    case REACH_ALL: return true;
    case REACH_OWN_DOMAINS: return target->owned && target->rank <= role;
    case REACH_NONE: break;
    }
    return false;
}
