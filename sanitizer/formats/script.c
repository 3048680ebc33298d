/* script.c - programs in text form: recognised only, blocked.
 * By their first line (shebang, <?php, @echo off, Attribute VB_Name), by a root element of script hosts (job, package,
 * scriptlet, hta:application, XAML and XSLT with code), or by several different words of script hosts in lines that
 * look like code. Prose about scripts stays text. Known limits: a short script without any of the marks is text under
 * .txt, where nothing runs it; script extensions are blocked by name whatever they hold. */
#include "engines/recognise.h"
#include "formats/formats.h"

#include <string.h>

/* How many of the lines that are not empty look like statements, in percent. */
static guint code_share(const char *head)
{
    guint lines = 0, code = 0;
    for (const char *at = head; *at;) {
        gsize length = strcspn(at, "\r\n");
        gsize start = strspn(at, " \t");
        while (length > start && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        if (length > start) {
            gboolean ends = strchr(";{})\"'", at[length - 1]) != NULL;
            gboolean begins = strchr("$'}@#", at[start]) != NULL || g_str_has_prefix(at + start, "set ") ||
                              g_str_has_prefix(at + start, "dim ") || g_str_has_prefix(at + start, "var ") ||
                              g_str_has_prefix(at + start, "end ") || g_str_has_prefix(at + start, "sub ");
            lines++;
            code += ends || begins;
        }
        at += length;
        at += strcspn(at, "\r\n");
        at += strspn(at, "\r\n");
    }
    return lines ? code * 100 / lines : 0;
}

/* Markup that a script host runs. A page with scripts is a page (html). */
static gboolean has_script_root(const char *head)
{
    static const char *const roots[] = {"job", "package", "component"}; /* of .wsf and .wsc: everyday names else */
    static const char *const inside[] = {"<hta:application", "<scriptlet",  "<msxsl:script",
                                         "<ms:script",       "<?component", "schemas.microsoft.com/winfx"};
    if (head[0] != '<')
        return FALSE;
    if (MGK_HEAD_COUNT(head, inside) > 0)
        return TRUE;
    g_autofree char *root = mgk_recognise_root(head);
    for (guint i = 0; i < G_N_ELEMENTS(roots); i++) {
        if (strcmp(root, roots[i]) == 0 && strstr(head, "<script"))
            return TRUE;
    }
    return FALSE;
}

static gboolean reads_like_code(const char *head)
{
    static const char *const words[] = {"wscript.",
                                        "createobject(",
                                        "activexobject(",
                                        "invoke-expression",
                                        "iex(",
                                        "downloadstring(",
                                        "downloadfile(",
                                        "new-object ",
                                        "start-process",
                                        "frombase64string",
                                        "shell.application",
                                        "shellexecute",
                                        "adodb.stream",
                                        "powershell -",
                                        "powershell.exe",
                                        "cmd.exe /c",
                                        "cmd /c",
                                        "eval(",
                                        "string.fromcharcode",
                                        "document.write(",
                                        "getobject(",
                                        "scripting.filesystemobject",
                                        "on error resume next",
                                        "vba.",
                                        "setlocal",
                                        "%comspec%",
                                        "reg add ",
                                        "rundll32",
                                        "regsvr32",
                                        "mshta ",
                                        "certutil ",
                                        "bitsadmin ",
                                        "subprocess.",
                                        "os.system(",
                                        "import os",
                                        "#include <",
                                        "def main(",
                                        "function(",
                                        "sub auto",
                                        "end sub",
                                        "end function"};
    guint found = MGK_HEAD_COUNT(head, words);
    return found >= 2 && code_share(head) >= 50;
}

static guint probe(const MgkProbe *probe)
{
    static const char *const starts[] = {"#!/",         "#! /", "<?php", "<?=", "<%@", "@echo off", "attribute vb_name",
                                         "#requires -", "#@~^", "@if (@"};
    g_autofree char *head = mgk_recognise_head(probe);
    if (MGK_HEAD_STARTS(head, starts) || has_script_root(head))
        return 85;
    return *head && *head != '<' && reads_like_code(head) ? 65 : 0;
}

const MgkHandler mgk_format_script = {.probe = probe};
