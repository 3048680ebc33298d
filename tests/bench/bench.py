#!/usr/bin/python3
"""bench.py BUILD [ROUNDS] [PART…]: mugaika beside its peers, in one run, as ratios of processor time.

BUILD is a release build folder. PART: pdf outlines office memory image mail cells batch spread (default all). Peers that are not installed are skipped and said so:
pdftoppm, mat2, ImageMagick, unzip and zip, PyMuPDF (python3-fitz), MIME-tools (libmime-tools-perl). Commands run in turn, A B C A B C …; medians count. Documents are
made by make_documents.py. Not a test: it fails nothing.
"""
import glob
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = '/usr/bin/python3'


def once(command, cwd):
    """(CPU seconds of the process and all it waited for, wall seconds, exit code)"""
    begin = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, os.waitstatus_to_exitcode(status)


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid), encoding='ascii') as handle:
            return [int(child) for child in handle.read().split()]
    except OSError:
        return []


def anonymous(pid):
    """Bytes of a process's own memory: no mapped file, no mapped input."""
    try:
        with open('/proc/%d/status' % pid, encoding='utf-8', errors='replace') as handle:
            return sum(int(line.split()[1]) * 1024 for line in handle if line.startswith('RssAnon:'))
    except OSError:
        return 0


def grown(command, cwd):
    """By how many bytes a worker's own memory grew at most beyond what it had when it was forked; looked at each millisecond."""
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        for zygote in children(process.pid):
            base = anonymous(zygote)
            most = max([most] + [anonymous(worker) - base for worker in children(zygote)])
        time.sleep(0.001)
    return most


def target(what, value, wanted, at_least=False):
    """One line of the table of targets: what was measured, what was wanted, and whether it was reached."""
    met = value >= wanted if at_least else value <= wanted
    print('= %s: %.3g (target %s %g, %s)' % (what, value, 'at least' if at_least else 'at most', wanted, 'met' if met else 'missed'), flush=True)


def measure(commands, rounds, scratch):
    """{name: (median CPU, median wall, output bytes)}; commands: {name: function(folder) -> argv}"""
    found = {name: [] for name in commands}
    size = {}
    for _ in range(rounds):
        for name, make in commands.items():
            folder = tempfile.mkdtemp(dir=scratch)
            cpu, wall, code = once(make(folder), folder)
            if code not in (0, None):
                print('   %s: exit %d' % (name, code))
            found[name].append((cpu, wall))
            size[name] = sum(os.path.getsize(p) for p in glob.glob(folder + '/**', recursive=True) if os.path.isfile(p))
            shutil.rmtree(folder)
    return {name: (statistics.median(c for c, _ in rows), statistics.median(w for _, w in rows), size[name]) for name, rows in found.items()}


def show(title, result, ours='mugaika'):
    base = result[ours]
    print('%-18s %s' % (title, '  '.join('%s %.3fs/%s%s' % (name, cpu, human(size), '' if name == ours else ' (%.2f)' % (base[0] / cpu if cpu else 0))
                                         for name, (cpu, _, size) in result.items())), flush=True)


def human(size):
    return '%.1fM' % (size / 1e6) if size > 1e6 else '%dK' % (size / 1000)


def geometric(values):
    return math.exp(statistics.mean(map(math.log, values))) if values else float('nan')


class Bench:
    def __init__(self, build, rounds, scratch):
        self.rounds, self.scratch, self.build = rounds, scratch, build
        self.documents = os.path.join(scratch, 'documents')

    def ours(self, path, *more):
        return lambda folder: [os.path.join(self.build, 'cli/mugaika'), 'clean', '-o', folder, *more, path]

    def on(self, name, tool=None):
        """The document's path, or None when the peer is missing."""
        return os.path.join(self.documents, name) if tool is None or shutil.which(tool) else None

    def copied(self, path, *command):
        """A peer that works in place, on a copy."""
        return lambda folder: ['sh', '-c', 'cp "$0" . && exec "$@"', path, *command, os.path.basename(path)]

    def pdf(self):
        print('# PDF: CPU s/output; in brackets ours divided by theirs')
        cpu, size, floor = [], [], {}
        text, scans = ('text.pdf', 'japanese.pdf'), ('scan-gray.pdf', 'scan-colour.pdf', 'scan-fax.pdf')
        for name in text + scans:
            path = self.on(name)
            commands = {'mugaika': self.ours(path, '--jobs', '1'),
                        'render-only': lambda folder, p=path: [os.path.join(self.build, 'tests/render_only'), p, '150']}
            if shutil.which('pdftoppm'):
                commands['pdftoppm'] = lambda folder, p=path: ['pdftoppm', '-r', '150', p, folder + '/p']
            if subprocess.run([PYTHON, '-c', 'import fitz'], capture_output=True).returncode == 0:
                commands['dangerzone-steps'] = lambda folder, p=path: [PYTHON, HERE + '/dangerzone_steps.py', p, folder + '/o.pdf']
            if shutil.which('mat2'):
                commands['mat2'] = self.copied(path, 'mat2', '--inplace')
            result = measure(commands, self.rounds, self.scratch)
            show(name, result)
            floor[name] = result['mugaika'][0] / result['render-only'][0]
            if 'dangerzone-steps' in result:
                cpu.append(result['mugaika'][0] / result['dangerzone-steps'][0])
                size.append(result['mugaika'][2] / result['dangerzone-steps'][2])
        if cpu:
            target('PDF pixels / Dangerzone steps, CPU', geometric(cpu), 0.25)
            target('PDF pixels / Dangerzone steps, bytes', geometric(size), 0.30)
        for what, names, wanted in (('text', text, 3.5), ('scans', scans, 1.3)):
            target('PDF pixels / render only, %s' % what, geometric([floor[name] for name in names]), wanted)

    def outlines(self):
        """Pages as drawings, beside a program that copies fonts and pictures as they are."""
        print('# PDF as drawings ([pdf] pages = outlines)')
        policy = os.path.join(self.scratch, 'outlines.ini')
        with open(policy, 'w', encoding='utf-8') as handle:
            handle.write('[pdf]\npages = outlines\n')
        cpu = []
        for name in ('text.pdf', 'japanese.pdf', 'scan-gray.pdf', 'scan-colour.pdf', 'scan-fax.pdf'):
            path = self.on(name)
            commands = {'mugaika': self.ours(path, '--jobs', '1', '--policy', policy), 'pixels': self.ours(path, '--jobs', '1')}
            if shutil.which('pdftocairo'):
                commands['pdftocairo'] = lambda folder, p=path: ['pdftocairo', '-pdf', p, folder + '/o.pdf']
            result = measure(commands, self.rounds, self.scratch)
            show(name, result)
            if 'pdftocairo' in result:
                cpu.append(result['mugaika'][0] / result['pdftocairo'][0])
        if cpu:
            target('PDF drawings / pdftocairo -pdf, CPU', geometric(cpu), 1.4)

    def office(self):
        print('# OOXML')
        for name in ('text-small.docx', 'text-large.docx', 'book-large.xlsx'):
            path = self.on(name)
            commands = {'mugaika': self.ours(path, '--jobs', '1')}
            if shutil.which('mat2'):
                commands['mat2'] = self.copied(path, 'mat2', '--inplace')
            if shutil.which('unzip') and shutil.which('zip'):
                commands['unzip+zip'] = lambda folder, p=path: ['sh', '-c', 'unzip -q "$0" -d x && cd x && zip -q -6 -r ../o.zip . && rm -r ../x', p]
            result = measure(commands, self.rounds, self.scratch)
            show(name, result)
            for peer, wanted in (('mat2', 0.06), ('unzip+zip', 0.8)):
                if peer in result and (peer == 'mat2' or 'large' in name):
                    target('%s / %s, CPU' % (name, peer), result['mugaika'][0] / result[peer][0], wanted)
            if 'unzip+zip' in result:
                target('%s / unzip+zip, bytes' % name, result['mugaika'][2] / result['unzip+zip'][2], 1.15)

    def memory(self):
        """What a document adds to the memory of a worker; a forked one starts with what its zygote has."""
        print('# memory of OOXML workers')
        scratch = tempfile.mkdtemp(dir=self.scratch)
        for name in ('text-small.docx', 'text-large.docx', 'book-large.xlsx'):
            target('%s, MB beyond the base' % name, grown(self.ours(self.on(name), '--jobs', '1')(scratch), scratch) / 1e6, 32)

    def batch(self):
        """The same documents on one slot and on two; walls are meant, so this wants a machine of its own."""
        print('# a batch of documents on one and on two slots')
        folder = os.path.join(self.scratch, 'batch')
        os.makedirs(folder)
        for n in range(16):
            shutil.copy(self.on('text-large.docx'), '%s/%d.docx' % (folder, n))
        run = lambda jobs: lambda out: [os.path.join(self.build, 'cli/mugaika'), 'clean', '-o', out, '--jobs', jobs, folder]
        result = measure({'one slot': run('1'), 'two slots': run('2')}, self.rounds, self.scratch)
        (cpu, wall, _), (cpu2, wall2, _) = result['one slot'], result['two slots']
        print('one slot: CPU %.2f s, wall %.2f s; two slots: CPU %.2f s, wall %.2f s; load before %s' % (cpu, wall, cpu2, wall2, os.getloadavg()[0]))
        target('documents on two slots / on one, wall', wall / wall2, 1.8, at_least=True)

    def image(self):
        print('# images')
        for name, wanted in (('photo.jpg', 0.45), ('photo.png', 0.35), ('screen.png', 0.35)):
            path = self.on(name)
            commands = {'mugaika': self.ours(path, '--jobs', '1')}
            if os.path.exists('/usr/bin/convert'):
                commands['ImageMagick'] = lambda folder, p=path: ['/usr/bin/convert', p, '-strip', folder + '/o' + p[-4:]]
            if shutil.which('mat2'):
                commands['mat2'] = self.copied(path, 'mat2', '--inplace')
            result = measure(commands, self.rounds, self.scratch)
            show(name, result)
            if 'ImageMagick' in result:
                target('%s / ImageMagick, CPU' % name, result['mugaika'][0] / result['ImageMagick'][0], wanted)

    def mail(self):
        """Many mails in one process of each; what one mail costs in ours is a clean, a second look, and both for each attachment."""
        print('# mail: CPU a mail; start-up is taken out (one mail of each kind is measured beside all of them)')
        folder = os.path.join(self.scratch, 'mails')
        subprocess.run([PYTHON, HERE + '/make_mails.py', folder], check=True)
        perl = subprocess.run(['perl', '-MMIME::Parser', '-e', '1'], capture_output=True).returncode == 0
        peers = {'mugaika': lambda out, path: [os.path.join(self.build, 'cli/mugaika'), 'inspect', '--jobs', '1', path],  # no fsync counted
                 'python': lambda out, path: [PYTHON, HERE + '/mail_peer.py', out, path]}
        if perl:
            peers['MIME-tools'] = lambda out, path: ['perl', HERE + '/mail_peer.pl', out, path]
        for name in ('small', 'page', 'large'):
            every, one = os.path.join(folder, name), os.path.join(folder, name + '-one')
            os.makedirs(one)
            mails = sorted(os.listdir(every))
            shutil.copy(os.path.join(every, mails[0]), one)
            commands = {}
            for peer, make in peers.items():
                commands[peer] = lambda out, make=make: make(out, every)
                commands[peer + '-one'] = lambda out, make=make: make(out, one)
            result = measure(commands, self.rounds, self.scratch)
            cost = {peer: (result[peer][0] - result[peer + '-one'][0]) / (len(mails) - 1) for peer in peers}
            print('%-8s %s' % (name, '  '.join('%s %.2f ms' % (peer, 1000 * cpu) for peer, cpu in cost.items())), flush=True)
            for peer, wanted in (('python', 0.2), ('MIME-tools', 0.4)):
                if peer in cost:
                    target('%s / %s, CPU' % (name, peer), cost['mugaika'] / cost[peer], wanted)

    def cells(self):
        """What one worker costs: many tiny files against one, each file being two workers (clean, check)."""
        print('# isolation')
        folder = os.path.join(self.scratch, 'tiny')
        os.makedirs(folder)
        for n in range(400):
            with open('%s/%d.txt' % (folder, n), 'w', encoding='utf-8') as handle:
                handle.write('第%d号\r\n' % n)
        look = lambda path: lambda _: [os.path.join(self.build, 'cli/mugaika'), 'inspect', '--jobs', '1', path]  # writes nothing: no fsync counted
        result = measure({'one': look(folder + '/0.txt'), 'mugaika': look(folder)}, self.rounds, self.scratch)
        each = (result['mugaika'][0] - result['one'][0]) / 399
        print('start %.1f ms CPU; a file %.2f ms' % (1000 * result['one'][0], 1000 * each))
        target('a worker at most, ms CPU', 500 * each, 1.5)

    def spread(self):
        print('# one PDF of 2,000 pages on one and on two slots; memory')
        path = self.on('long.pdf')
        slots = {'one slot': self.ours(path, '--jobs', '1'), 'two slots': self.ours(path, '--jobs', '2')}
        result = measure(slots, 1, self.scratch)
        for name, (cpu, wall, size) in result.items():
            print('%s: CPU %.1f s, wall %.1f s, %s' % (name, cpu, wall, human(size)))
        (cpu_1, wall_1, _), (cpu_2, wall_2, _) = result['one slot'], result['two slots']
        print('two slots take %.2f times the CPU; of what one slot had of a processor: %.2f' % (cpu_2 / cpu_1, cpu_1 / wall_1))
        target('long PDF on two slots / on one, wall', wall_1 / wall_2, 1.8, at_least=True)
        for name, pages in (('short.pdf', 200), ('long.pdf', 2000)):
            out = tempfile.mkdtemp(dir=self.scratch)
            target('%d pages, MB that a worker grows by' % pages, grown(self.ours(self.on(name), '--jobs', '1')(out), out) / 1e6, 100)


def main():
    build = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory(prefix='mugaika-bench.') as scratch:
        bench = Bench(build, rounds, scratch)
        if set(sys.argv[3:]) - {'mail', 'cells'} or not sys.argv[3:]:
            subprocess.run([PYTHON, HERE + '/make_documents.py', bench.documents], check=True)
        for part in sys.argv[3:] or ('cells', 'image', 'mail', 'office', 'memory', 'batch', 'pdf', 'outlines', 'spread'):
            getattr(bench, part)()


main()
