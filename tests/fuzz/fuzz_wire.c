/* isolation/wire: a message is believed only when every text in it may be read. */
#include "isolation/wire.h"

#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MgkMessage message = {.magic = MGK_WIRE_MAGIC};
    gsize rest = sizeof message - sizeof message.magic;
    memcpy(&message.type, data, MIN(size, rest));
    if (mgk_wire_message_valid(&message, (gssize)sizeof message)) {
        g_assert(message.type > 0 && message.type < MGK_N_MESSAGES);
        g_assert(g_utf8_validate(message.text, -1, NULL) && strlen(message.text) < sizeof message.text);
        g_assert(g_utf8_validate(message.text2, -1, NULL) && strlen(message.text2) < sizeof message.text2);
    }
    g_assert(!mgk_wire_message_valid(&message, (gssize)(size % sizeof message)));
    g_autofree char *text = g_strndup((const char *)data, size);
    mgk_wire_set_text(message.text, text);
    g_assert(g_utf8_validate(message.text, -1, NULL));
    return 0;
}
