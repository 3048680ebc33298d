/* kind.h - the kinds of things a file can hold that matter: one row each in kinds/ *.def.
 *
 * A row is MGK_KIND(ID, "name", LEVEL, DEFAULT, ALLOWED, "label", "explanation"):
 *   name         stable string in reports and key of [actions] in policy.ini ("macro.vba")
 *   LEVEL        NONE (変化なし: not worth a clerk's time), CHANGED (一部変更), ATTENTION (要確認)
 *   DEFAULT      the action of the built-in policy
 *   ALLOWED      | of the actions a policy may choose; code-bearing kinds never allow KEEP
 *   label        msgid, a noun phrase a clerk understands: "Macros"
 *   explanation  msgid, one or two sentences for `mugaika policy explain` */
#pragma once

#include <glib.h>

typedef enum {
    MGK_ACTION_KEEP,    /* stays; listed in the report only */
    MGK_ACTION_REMOVE,  /* gone, with all that refers to it */
    MGK_ACTION_REPLACE, /* something inert stands in its place: value, placeholder, pixels, escaped text */
    MGK_ACTION_HOLD,    /* the file that has it is held */
    MGK_ACTION_BLOCK,   /* the file that has it never crosses */
    MGK_N_ACTIONS
} MgkAction;

typedef enum { MGK_LEVEL_NONE, MGK_LEVEL_CHANGED, MGK_LEVEL_ATTENTION, MGK_N_LEVELS } MgkLevel;

typedef enum {
#define MGK_KIND(id, name, level, def, allowed, label, text) MGK_KIND_##id,
#include "model/kinds.def"
#undef MGK_KIND
    MGK_N_KINDS
} MgkKind;

typedef struct MgkKindInfo {
    const char *name;
    MgkLevel level;
    MgkAction def;
    guint allowed; /* bit per MgkAction */
    const char *label, *text;
} MgkKindInfo;

const MgkKindInfo *mgk_kind_info(MgkKind kind); /* never NULL for a valid kind; static */
gboolean mgk_kind_from_name(const char *name, MgkKind *ret_kind);
const char *mgk_action_name(MgkAction action); /* "remove"; static */
gboolean mgk_action_from_name(const char *name, MgkAction *ret_action);
const char *mgk_level_name(MgkLevel level); /* "none", "changed", "attention" */
