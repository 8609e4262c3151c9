/* server/api/document_read.c - what Outlook sends; the only file with <expat.h>
 *
 * Expat opens no file and no connection. A document type is refused as soon as it begins, so that there are no entities but
 * XML's own five; depth and length are bounded.
 */
#include "api/document.h"
#include "model/address.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 16
#define ADDRESS_OCTETS_MAX 512 /* with the blanks that may stand around it */
#define BETWEEN '|'            /* of a namespace and a name */

struct reading {
    XML_Parser parser;
    char address[ADDRESS_OCTETS_MAX];
    size_t length;
    unsigned depth;
    bool inside, seen, refused;
};

static void refuse(struct reading *r)
{
    r->refused = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void begins_doctype(void *context, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                           int has_internal_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    refuse(context);
}

static bool is_address(const XML_Char *name)
{
    const char *local = strrchr(name, BETWEEN);

    return strcmp(local ? local + 1 : name, "EMailAddress") == 0;
}

static void begins(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *r = context;

    (void)attributes;
    if (++r->depth > DEPTH_MAX || r->inside || (is_address(name) && r->seen))
        refuse(r);
    else if (is_address(name))
        r->inside = r->seen = true;
}

static void ends(void *context, const XML_Char *name)
{
    struct reading *r = context;

    (void)name;
    r->depth--;
    r->inside = false;
}

static void takes(void *context, const XML_Char *octets, int length)
{
    struct reading *r = context;

    if (!r->inside)
        return;
    if ((size_t)length > sizeof r->address - r->length) {
        refuse(r);
        return;
    }
    memcpy(r->address + r->length, octets, (size_t)length);
    r->length += (size_t)length;
}

static void release(void *it)
{
    XML_ParserFree(it);
}

bool document_read_autodiscover(struct task *t, struct text body, struct text *address)
{
    struct reading *r = task_alloc(t, sizeof *r);

    *address = (struct text){ 0 };
    r->parser = XML_ParserCreateNS(NULL, BETWEEN);
    if (!r->parser)
        abort();
    task_defer(t, release, r->parser);
    XML_SetUserData(r->parser, r);
    XML_SetStartDoctypeDeclHandler(r->parser, begins_doctype);
    XML_SetElementHandler(r->parser, begins, ends);
    XML_SetCharacterDataHandler(r->parser, takes);
    if (XML_Parse(r->parser, body.at ? body.at : "", (int)body.length, XML_TRUE) != XML_STATUS_OK || r->refused)
        return false;
    if (r->seen)
        *address = text_trim(task_copy(t, (struct text){ r->address, r->length }));
    return true;
}
