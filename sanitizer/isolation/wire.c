#include "isolation/wire.h"

#include <string.h>

static gboolean text_valid(const char *text)
{
    const char *end = memchr(text, '\0', MGK_TEXT_BYTES);
    return end && g_utf8_validate(text, end - text, NULL);
}

gboolean mgk_wire_message_valid(const MgkMessage *message, gssize received)
{
    return received == (gssize)sizeof *message && message->magic == MGK_WIRE_MAGIC && message->type > 0 &&
           message->type < MGK_N_MESSAGES && text_valid(message->text) && text_valid(message->text2);
}

void mgk_wire_set_text(char dest[MGK_TEXT_BYTES], const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    gsize length = strlen(valid);
    if (length >= MGK_TEXT_BYTES) {
        const char *cut = g_utf8_find_prev_char(valid, valid + MGK_TEXT_BYTES);
        length = cut ? (gsize)(cut - valid) : 0;
    }
    memcpy(dest, valid, length);
    dest[length] = '\0';
}
