/* server/service/routing.c - transports, and whose mail is taken: what Postfix is told beside the domains */
#include "service/tables.h"

#include "model/problem.h"
#include "store/routing.h"

static struct text or_empty(struct text given)
{
    return given.at ? given : TEXT("");
}

static enum outcome transport_place(struct work *w)
{
    w->key = ((const struct transport *)w->in->body)->destination;
    return DONE;
}

static enum outcome transport_lock(struct task *t, struct text key, void *out)
{
    return store_transport_lock(t, key, out);
}

static enum outcome transport_show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct transport));
    return store_transport_find(w->t, w->key, w->out->item);
}

static enum outcome transport_list(struct work *w)
{
    return list_page(w, &transport_listing);
}

static enum outcome transport_create(struct work *w)
{
    struct transport r = *(const struct transport *)w->in->body;
    enum outcome o;

    r.description = or_empty(r.description);
    o = store_transport_insert(w->t, &r);
    if (o == CONFLICT)
        return conflict(w, "destination", &problem_taken);
    return o == DONE ? transport_show(w) : o;
}

static enum outcome transport_update(struct work *w)
{
    struct transport *r = patched(w, &transport_shape, sizeof *r);
    enum outcome o;

    r->description = or_empty(r->description);
    o = store_transport_update(w->t, r);
    return o == DONE ? transport_show(w) : o;
}

static enum outcome transport_erase(struct work *w)
{
    return store_transport_delete(w->t, w->key);
}

const struct resource transport_resource = {
    .noun = "transport", .key = "destination", .shape = &transport_shape, .canon = destination_pattern_canon,
    .place = transport_place, .lock = transport_lock, .size = sizeof(struct transport), .listing = &transport_listing,
    .image = IMAGE_TRANSPORT, .image_whole = IMAGE_TRANSPORT,
};

const struct verb transport_verbs[] = {
    { "transport.list", ACT_LIST, MAY_MANAGE_ROUTING, &transport_resource, NULL, &transport_shape, transport_list,
      "List transports", false },
    { "transport.show", ACT_SHOW, MAY_MANAGE_ROUTING, &transport_resource, NULL, &transport_shape, transport_show,
      "Show a transport", false },
    { "transport.create", ACT_CREATE, MAY_MANAGE_ROUTING, &transport_resource, &transport_shape, &transport_shape,
      transport_create, "Say how mail for a destination goes on", false },
    { "transport.update", ACT_UPDATE, MAY_MANAGE_ROUTING, &transport_resource, &transport_shape, &transport_shape,
      transport_update, "Change a transport", false },
    { "transport.delete", ACT_DELETE, MAY_MANAGE_ROUTING, &transport_resource, NULL, NULL, transport_erase,
      "Delete a transport", false },
    { 0 },
};

static enum outcome access_place(struct work *w)
{
    w->key = ((const struct sender_access *)w->in->body)->sender;
    return DONE;
}

static enum outcome access_lock(struct task *t, struct text key, void *out)
{
    return store_sender_access_lock(t, key, out);
}

static enum outcome access_show(struct work *w)
{
    w->out->item = task_alloc(w->t, sizeof(struct sender_access));
    return store_sender_access_find(w->t, w->key, w->out->item);
}

static enum outcome access_list(struct work *w)
{
    return list_page(w, &sender_access_listing);
}

static enum outcome access_create(struct work *w)
{
    struct sender_access a = *(const struct sender_access *)w->in->body;
    enum outcome o;

    a.reply = or_empty(a.reply);
    a.description = or_empty(a.description);
    o = store_sender_access_insert(w->t, &a);
    if (o == CONFLICT)
        return conflict(w, "sender", &problem_taken);
    return o == DONE ? access_show(w) : o;
}

static enum outcome access_update(struct work *w)
{
    struct sender_access *a = patched(w, &sender_access_shape, sizeof *a);
    enum outcome o;

    a->reply = or_empty(a->reply);
    a->description = or_empty(a->description);
    o = store_sender_access_update(w->t, a);
    return o == DONE ? access_show(w) : o;
}

static enum outcome access_erase(struct work *w)
{
    return store_sender_access_delete(w->t, w->key);
}

const struct resource sender_access_resource = {
    .noun = "sender access", .key = "sender", .shape = &sender_access_shape, .canon = sender_pattern_canon,
    .place = access_place, .lock = access_lock, .size = sizeof(struct sender_access), .listing = &sender_access_listing,
    .image = IMAGE_SENDER_ACCESS, .image_whole = IMAGE_SENDER_ACCESS,
};

const struct verb sender_access_verbs[] = {
    { "sender-access.list", ACT_LIST, MAY_MANAGE_ROUTING, &sender_access_resource, NULL, &sender_access_shape,
      access_list, "List whose mail is taken or refused", false },
    { "sender-access.show", ACT_SHOW, MAY_MANAGE_ROUTING, &sender_access_resource, NULL, &sender_access_shape,
      access_show, "Show what becomes of a sender's mail", false },
    { "sender-access.create", ACT_CREATE, MAY_MANAGE_ROUTING, &sender_access_resource, &sender_access_shape,
      &sender_access_shape, access_create, "Take or refuse a sender's mail", false },
    { "sender-access.update", ACT_UPDATE, MAY_MANAGE_ROUTING, &sender_access_resource, &sender_access_shape,
      &sender_access_shape, access_update, "Change what becomes of a sender's mail", false },
    { "sender-access.delete", ACT_DELETE, MAY_MANAGE_ROUTING, &sender_access_resource, NULL, NULL, access_erase,
      "Treat a sender as all others", false },
    { 0 },
};
