/* server/model/problem.h - what can be wrong with an input, where mail is concerned (see base/problem.h) */
#ifndef POSTREEVE_MODEL_PROBLEM_H
#define POSTREEVE_MODEL_PROBLEM_H

#include "base/problem.h"

#define MODEL_PROBLEMS(KIND)                                                                  \
    KIND(needs_at, "needs an @ between local part and domain")                                \
    KIND(needs_local_part, "needs a local part before the @")                                 \
    KIND(bad_local_part, "has a local part that mail cannot use")                             \
    KIND(local_part_too_long, "has a local part longer than {max} octets")                    \
    KIND(bad_domain, "is not a domain name")                                                  \
    KIND(domain_too_long, "has a domain name longer than {max} octets")                       \
    KIND(wrong_domain, "is in another domain than the one addressed")                         \
    KIND(bad_username, "is neither an address nor a plain name of letters, digits, dot, - and _")                \
    KIND(bad_destination, "is neither an address nor the name of a local account")            \
    KIND(self_destination, "leads back to itself")                                            \
    KIND(loop, "leads back to itself through other aliases")                                  \
    KIND(no_destination, "needs at least one destination, or a local copy")                   \
    KIND(taken, "is taken already")                                                           \
    KIND(no_such_domain, "is not a domain of this server")                                    \
    KIND(no_such_mailbox, "is not a mailbox of this server")                                  \
    KIND(is_alias_domain, "is an alias domain")                                               \
    KIND(is_alias_target, "is the target of an alias domain")                                 \
    KIND(same_domain, "cannot be its own target")                                             \
    KIND(mailbox_limit_reached, "would exceed the domain's limit of {max} mailboxes")         \
    KIND(alias_limit_reached, "would exceed the domain's limit of {max} aliases")             \
    KIND(quota_above_ceiling, "is above the domain's ceiling of {max} bytes for one mailbox") \
    KIND(quota_must_be_bounded, "must be limited, because the domain limits it to {max}")     \
    KIND(domain_quota_exceeded, "leaves the domain only {max} bytes to give")                 \
    KIND(quota_not_allowed, "cannot be given: the domain allows no storage")                  \
    KIND(bad_path_character, "has a local part that cannot name a directory")                 \
    KIND(password_too_weak, "is too easy to guess")                                           \
    KIND(password_too_common, "is one of the passwords that are tried first")                 \
    KIND(password_needs_classes, "needs at least {min} kinds of small letters, capital letters, digits and others") \
    KIND(password_unfit, "cannot be stored by the configured password scheme")                \
    KIND(wrong_password, "is not the current password")                                       \
    KIND(same_password, "is the password in use now")                                         \
    KIND(ends_before_it_begins, "is not later than the beginning")                            \
    KIND(no_vacation_domain, "cannot be switched on: the configuration names no vacation_domain")                \
    KIND(password_expired, "is too old; choose a new one")                                    \
    KIND(protected_alias, "is a role address that only super admins change")                  \
    KIND(password_not_both, "cannot be given when one is to be generated")                    \
    KIND(last_super_admin, "is the last active super admin")                                  \
    KIND(own_account, "is your own account")                                                  \
    KIND(bad_transport, "is not a transport as Postfix writes it")                            \
    KIND(bad_scope, "is none of *, read, NOUN.*, NOUN.read and NOUN.VERB")                    \
    KIND(bad_network, "is neither an address nor a network in CIDR form, as 10.0.0.0/8")      \
    KIND(network_host_bits, "has bits set behind its prefix of {max} bits")                   \
    KIND(not_undoable, "is not a change that can be undone, or its former state is no longer kept") \
    KIND(undone_already, "has been undone already, by record {record}")                        \
    KIND(newer_change, "is followed by record {record}, which changed the same item; undo that first") \
    KIND(changed_elsewhere, "is no longer what the item is: something outside postreeve has changed it") \
    KIND(no_such_account, "is no account of this server")                                     \
    KIND(ended_already, "has ended already")                                                  \
    KIND(no_sender, "gives no domain in whose name it could go: name one of ours, or [letters] from in the configuration") \
    KIND(not_to_be_retried, "is done, or runs at this moment")                                \
    KIND(no_reset, "is of a server that sends no letters for forgotten passwords")            \
    KIND(bad_reset_token, "is no token for a new password, or was used, or is too old")       \
    KIND(other_request, "was used for another request before")                                \
    KIND(wider_token, "is more than the token at hand may do itself")                            \
    KIND(no_secret_key, "cannot be kept secret: the configuration names no key file")         \
    KIND(otp_required, "is needed: the account has a second factor")                           \
    KIND(otp_wrong, "is not a code of the second factor, or was used before")                  \
    KIND(otp_not_offered, "has nothing to confirm: no secret was made, or too long ago")        \
    KIND(second_factor_on, "is on already")                                                    \
    KIND(second_factor_off, "is not on")                                                       \
    KIND(no_hostname, "cannot be told: the configuration has no hostname in [mail]")                   \
    KIND(cannot_unseal, "was stored under another key, or is damaged")

#define DECLARE_MODEL_PROBLEM(name, words) extern const struct problem_kind problem_##name;
MODEL_PROBLEMS(DECLARE_MODEL_PROBLEM)

extern const struct problem_kind *const model_problems[]; /* all of the above, ended by NULL */

#endif
