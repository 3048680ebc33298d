#!/usr/bin/python3
"""gateway.py MUGAIKA-MILTER [ROUNDS]: messages a second through a private Postfix without a filter, with MIMEDefang whose filter does
nothing (4 workers), and with mugaika-milter; discarded behind; and the processor time a mail costs Postfix and filter together, which other work on the machine hardly touches. Interleaved
rounds, medians, targets.

smtp-source gives every mail a Message-ID of its own; the filter's memory of results is off all the same, and the run fails when a
result was repeated or a mail was not rebuilt. Needs root, Postfix and MIMEDefang.
"""
import os
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../integration/postfix'))
import private  # noqa: E402

SESSIONS = 8
SETTLE_SECONDS = 0.5  # deliveries behind the sessions
SIZES = {'10 KB': (10 * 1024, 160), '1 MB': (1024 * 1024, 24)}
FILTER = 'sub filter_begin { }\nsub filter { return action_accept(); }\nsub filter_multipart { return action_accept(); }\nsub filter_end { }\n1;\n'
# (size, who, against whom, at least)
TARGETS = [('10 KB', 'mugaika', 'none', 0.5), ('10 KB', 'mugaika', 'MIMEDefang', 1.0)]


class MimeDefang:
    def __init__(self, base):
        self.folder = base + '/defang'
        os.mkdir(self.folder)
        shutil.chown(self.folder, 'defang', 'defang')
        os.chmod(self.folder, 0o755)
        self.socket = self.folder + '/m.sock'
        with open(self.folder + '/filter', 'w', encoding='utf-8') as file:
            file.write(FILTER)
        with open(self.folder + '/worker', 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\nexec /usr/bin/mimedefang.pl -f {self.folder}/filter "$@"\n')
        os.chmod(self.folder + '/worker', 0o755)
        inner = self.folder + '/multiplexor.sock'
        self.processes = [self.start('mimedefang-multiplexor', '-m', '4', '-x', '4', '-W', '0', '-w', '0', '-q', '64', '-Q', '120', '-f',
                                     self.folder + '/worker', '-s', inner)]
        wait_for(inner)
        self.processes.append(self.start('mimedefang', '-q', '-m', inner, '-p', self.socket))
        wait_for(self.socket)
        os.chmod(self.socket, 0o777)

    def start(self, program, *arguments):
        return subprocess.Popen([program, '-D', '-U', 'defang', '-z', self.folder, *arguments], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(20)


def wait_for(path):
    for _ in range(200):
        if os.path.exists(path):
            return
        time.sleep(0.05)
    raise RuntimeError(path + ' does not appear')


def start_postfix(base, filters):
    """One Postfix, an smtpd a filter; {name: port}."""
    postfix = private.Postfix(base)
    etc, ports = base + '/etc', {}
    subprocess.run(['postconf', '-c', etc, '-e', 'virtual_transport=discard', 'smtpd_milters='], check=True)
    for name, endpoint in filters.items():
        ports[name] = private.free_port()
        service = f'127.0.0.1:{ports[name]}/inet'
        subprocess.run(['postconf', '-c', etc, '-M', f'{service}=127.0.0.1:{ports[name]} inet n - n - - smtpd'], check=True)
        subprocess.run(['postconf', '-c', etc, '-P', f'{service}/smtpd_milters={endpoint}'], check=True)
    postfix.start()
    return postfix, ports


def processor_seconds(roots):
    """What processes and all that came of them have used, the dead included."""
    used, children = {}, {}
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/stat', encoding='utf-8', errors='replace') as file:
                fields = file.read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        used[int(name)] = sum(map(int, fields[11:15]))
        children.setdefault(int(fields[1]), []).append(int(name))
    total, todo = 0, list(roots)
    while todo:
        pid = todo.pop()
        total += used.get(pid, 0)
        todo += children.get(pid, [])
    return total / os.sysconf('SC_CLK_TCK')


def measure(port, size, count):
    """Messages a second."""
    started = time.monotonic()
    subprocess.run(['smtp-source', '-s', str(SESSIONS), '-m', str(count), '-l', str(size), '-f', 'a@example.com',
                    '-t', 'u@in.test.invalid', f'inet:127.0.0.1:{port}'], check=True)
    return count / (time.monotonic() - started)


def run_rounds(ports, roots, rounds):
    """{(size, name): (messages a second, processor milliseconds a message)}"""
    found = {}
    for number in range(rounds + 1):  # the first one warms up
        for label, (size, count) in SIZES.items():
            for name, port in ports.items():
                before = processor_seconds(roots)
                rate = measure(port, size, count)
                time.sleep(SETTLE_SECONDS)
                cost = (processor_seconds(roots) - before) * 1000 / count
                if number:
                    found.setdefault((label, name), []).append((rate, cost))
    return {key: tuple(map(statistics.median, zip(*pairs))) for key, pairs in found.items()}


def report(found, names):
    print(f'load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors')
    for label in SIZES:
        base_rate, base_cost = found[label, 'none']
        for name in names:
            rate, cost = found[label, name]
            print(f'{label:6} {name:11} {rate:7.1f} msg/s ({rate / base_rate:.2f})  {cost:7.2f} ms of processor a mail ({base_cost / cost:.2f})')
    for label, name, other, least in TARGETS:
        for what, ratio in (('messages a second', found[label, name][0] / found[label, other][0]),
                            ('by processor time', found[label, other][1] / found[label, name][1])):
            print(f'{label}: {name} / {other}, {what}: {ratio:.2f}, target {least}: {"met" if ratio >= least else "MISSED"}')


def main():
    if len(sys.argv) < 2 or private.missing():
        sys.exit(private.missing() or __doc__)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    base = private.new_base()
    defang = milter = postfix = None
    try:
        milter = private.Milter(private.programs_for_nobody(os.path.abspath(sys.argv[1]), base), base, 'cache_bytes = 0\n')
        filters = {'none': ''}
        if shutil.which('mimedefang-multiplexor'):
            defang = MimeDefang(base)
            filters['MIMEDefang'] = 'unix:' + defang.socket
        filters['mugaika'] = f'unix:{base}/run/m.sock'
        postfix, ports = start_postfix(base, filters)
        milter.start()
        with open(base + '/spool/pid/master.pid', encoding='utf-8') as file:
            roots = [int(file.read()), milter.process.pid] + [p.pid for p in (defang.processes if defang else [])]
        found = run_rounds(ports, roots, rounds)
        stats = milter.stats()
        sent = (rounds + 1) * sum(count for _, count in SIZES.values())
        if (stats['cleaned_total'], stats['repeated_total']) != (sent, 0):
            raise RuntimeError(f'{sent} mails sent, but {stats}')
        report(found, list(filters))
    finally:
        for part in (postfix, defang, milter):
            if part:
                part.stop()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == '__main__':
    main()
