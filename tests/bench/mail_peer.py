#!/usr/bin/python3
"""mail_peer.py OUT FOLDER: rebuilds every mail of a folder with Python's email library: parsed, each part decoded, a fresh
message of a few header fields, the texts and the attachments written. No HTML becomes text, nothing is disarmed. A yardstick."""
import email
import email.message
import email.policy
import os
import sys

out, folder = sys.argv[1:3]
for name in os.listdir(folder):
    with open(os.path.join(folder, name), 'rb') as handle:
        mail = email.message_from_binary_file(handle, policy=email.policy.default)
    fresh = email.message.EmailMessage()
    for field in ('From', 'To', 'Subject', 'Date', 'Message-ID'):
        fresh[field] = mail[field]
    fresh.set_content(mail.get_body(('plain',)).get_content())
    page = mail.get_body(('html',))
    if page:
        fresh.add_alternative(page.get_content(), subtype='html')
    for part in mail.iter_attachments():
        content = part.get_content()
        data = content.encode() if isinstance(content, str) else content
        fresh.add_attachment(data, maintype='application', subtype='octet-stream', filename=part.get_filename())
    with open(os.path.join(out, name), 'wb') as handle:
        handle.write(fresh.as_bytes())
