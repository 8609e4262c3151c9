/* server/model/sender_login.h - who may send as what, besides every mailbox as itself
 *
 * WHAT    A log-in that may use a sender: one address, or "@domain" for all of a domain. smtpd_sender_login_maps
 *         answers these rows beside the mailbox's own.
 */
#ifndef POSTREEVE_MODEL_SENDER_LOGIN_H
#define POSTREEVE_MODEL_SENDER_LOGIN_H

#include "base/shape.h"

#define SENDER_LOGINS_MAX 100 /* of one sender: an answer of Postfix's map has an end */

struct sender_login {
    int64_t id;
    struct text sender, login, description;
    bool active;
    struct moment created, modified;
};
extern const struct shape sender_login_shape;

#endif
