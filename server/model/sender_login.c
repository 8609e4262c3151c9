/* server/model/sender_login.c */
#include "model/sender_login.h"

#include "model/address.h"

static const struct field fields[] = {
    FIELD(struct sender_login, id, .flags = KEY | READ_ONLY, .doc = "Its number."),
    FIELD(struct sender_login, sender, .flags = REQUIRED | NO_BLANK, .max = 254, .canon = alias_address_canon,
          .shown = address_shown, .doc = "What is sent as: an address, or @domain for all of a domain."),
    FIELD(struct sender_login, login, .flags = REQUIRED | NO_BLANK, .max = 254, .canon = address_canon,
          .shown = address_shown, .doc = "The mailbox whose log-in may."),
    FIELD(struct sender_login, description, .max = 255, .doc = "For people only."),
    FIELD(struct sender_login, active, .on = true, .doc = "Off: it may not, for now."),
    FIELD(struct sender_login, created, .flags = READ_ONLY, .doc = "When it was created."),
    FIELD(struct sender_login, modified, .flags = READ_ONLY, .doc = "When it was last changed."),
};
const struct shape sender_login_shape = SHAPE(struct sender_login, "SenderLogin", fields);
