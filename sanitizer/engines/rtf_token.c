#include "engines/rtf_token.h"

#include <string.h>

#define PARAMETER_MAX ((gint64)1 << 32)

static gboolean at_letter(const MgkRtfReader *reader)
{
    return reader->at < reader->size && g_ascii_isalpha(reader->data[reader->at]);
}

static gboolean at_digit(const MgkRtfReader *reader)
{
    return reader->at < reader->size && g_ascii_isdigit(reader->data[reader->at]);
}

static void read_parameter(MgkRtfReader *reader, MgkRtfToken *token)
{
    gsize start = reader->at;
    gboolean negative = reader->at < reader->size && reader->data[reader->at] == '-';
    reader->at += negative;
    if (!at_digit(reader)) {
        reader->at = start;
        return;
    }
    token->has_parameter = TRUE;
    for (; at_digit(reader); reader->at++)
        token->parameter = MIN(token->parameter * 10 + (reader->data[reader->at] - '0'), PARAMETER_MAX);
    if (negative)
        token->parameter = -token->parameter;
}

static void read_binary(MgkRtfReader *reader, MgkRtfToken *token)
{
    gsize left = reader->size - reader->at;
    token->type = MGK_RTF_BINARY;
    token->data = reader->data + reader->at;
    token->size = token->parameter > 0 ? MIN((guint64)token->parameter, left) : 0;
    reader->at += token->size;
}

static void read_word(MgkRtfReader *reader, MgkRtfToken *token)
{
    gsize n = 0;
    token->type = MGK_RTF_WORD;
    for (; at_letter(reader); reader->at++, n++) {
        if (n < MGK_RTF_WORD_BYTES)
            token->word[n] = (char)reader->data[reader->at];
    }
    token->word[n < MGK_RTF_WORD_BYTES ? n : 0] = '\0';
    read_parameter(reader, token);
    if (reader->at < reader->size && reader->data[reader->at] == ' ')
        reader->at++;
    if (strcmp(token->word, "bin") == 0)
        read_binary(reader, token);
}

/* Behind \' : a byte, or nothing that means something. */
static void read_hex(MgkRtfReader *reader, MgkRtfToken *token)
{
    const guint8 *at = reader->data + reader->at;
    if (reader->size - reader->at < 2 || !g_ascii_isxdigit(at[0]) || !g_ascii_isxdigit(at[1]))
        return;
    token->type = MGK_RTF_BYTE;
    token->byte = (guint8)(g_ascii_xdigit_value((char)at[0]) << 4 | g_ascii_xdigit_value((char)at[1]));
    reader->at += 2;
}

static void read_control(MgkRtfReader *reader, MgkRtfToken *token)
{
    if (at_letter(reader)) {
        read_word(reader, token);
        return;
    }
    token->type = MGK_RTF_SYMBOL;
    if (reader->at >= reader->size)
        return;
    token->byte = reader->data[reader->at++];
    if (token->byte == '\'')
        read_hex(reader, token);
}

gboolean mgk_rtf_next(MgkRtfReader *reader, MgkRtfToken *ret_token)
{
    *ret_token = (MgkRtfToken){.type = MGK_RTF_END};
    while (reader->at < reader->size && strchr("\r\n", reader->data[reader->at])) /* and NUL, which ends the set */
        reader->at++;
    if (reader->at >= reader->size)
        return FALSE;
    ret_token->byte = reader->data[reader->at++];
    switch (ret_token->byte) {
    case '{':
        ret_token->type = MGK_RTF_OPEN;
        break;
    case '}':
        ret_token->type = MGK_RTF_CLOSE;
        break;
    case '\\':
        read_control(reader, ret_token);
        break;
    default:
        ret_token->type = MGK_RTF_BYTE;
    }
    return TRUE;
}
