/* flat_opc.h - an OPC package written as one XML file (pkg:package), packed into the ZIP archive that it stands for. */
#pragma once

#include "model/error.h"
#include "model/limits.h"

#define MGK_FLAT_OPC_NAMESPACE "http://schemas.microsoft.com/office/2006/xmlPackage"

/* text: valid UTF-8, no byte order mark, a declaration at its start is skipped. The archive has the parts in the order
 * of the file and [Content_Types].xml in front; nothing in it is cleaned yet. NULL with MGK_ERROR_MALFORMED (not
 * well-formed, a document type, entities, parts without name, of two contents or of none) or MGK_ERROR_LIMIT. Owned by
 * the caller. */
GBytes *mgk_flat_opc_pack(const GString *text, const MgkLimits *limits, GError **error);
