"""mta.py: the mail server's side of the filter protocol, as small as can be: what a real Postfix never does can be tried."""
import socket
import struct

ADD_HEADERS, CHANGE_BODY, CHANGE_HEADERS = 0x01, 0x02, 0x10
ALL = ADD_HEADERS | CHANGE_BODY | CHANGE_HEADERS
NO_REPLIES = 0x80 | 0x1000 | 0x2000 | 0x8000 | 0x40000 | 0x80000  # header, connect, helo, rcpt, end of header, body


class Mta:
    def __init__(self, path, actions=ALL, protocol=0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.greeted = False
        self.quiet = (protocol & NO_REPLIES) == NO_REPLIES
        self.put(b'O', struct.pack('>III', 6, actions, protocol))
        self.options = self.get()

    def put(self, command, data=b''):
        self.socket.sendall(struct.pack('>I', len(data) + 1) + command + data)

    def get(self):
        """(letter, data) of one answer, or None at the end of the connection."""
        def exactly(n):
            data = b''
            while len(data) < n:
                piece = self.socket.recv(n - len(data))
                if not piece:
                    raise EOFError
                data += piece
            return data
        try:
            size, = struct.unpack('>I', exactly(4))
            data = exactly(size)
        except (EOFError, ConnectionResetError):
            return None
        return data[:1], data[1:]

    def say(self, command, data=b'', answered=True):
        self.put(command, data)
        return self.get() if answered and not (self.quiet and command in b'CHRLNB') else None

    def envelope(self):
        """The answer to MAIL; the first one of a connection says hello before."""
        if not self.greeted:
            self.say(b'C', b'client.test.invalid\x004' + struct.pack('>H', 1234) + b'192.0.2.1\0')
            self.say(b'H', b'client.test.invalid\0')
        self.greeted = True
        answer = self.say(b'M', b'<a@example.com>\0')
        self.say(b'R', b'<u@in.test.invalid>\0')
        return answer

    def message(self, fields, body):
        """All answers to the end of the message."""
        for name, value in fields:
            self.say(b'L', name + b'\0' + value + b'\0')
        self.say(b'N')
        for at in range(0, len(body), 65535):
            self.say(b'B', body[at:at + 65535])
        self.put(b'E')
        answers = []
        while (answer := self.get()):
            answers.append(answer)
            if answer[0] in b'acdrty':
                break
        return answers

    def close(self):
        self.socket.close()
