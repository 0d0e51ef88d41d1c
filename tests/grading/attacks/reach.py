"""Out of the kernel: files, secrets, other submissions, the gradebook, the network, other processes."""

from __future__ import annotations

from corpus import LAB, MERGE, RIGHT, WORLD, answered, code, define, hand_in, insert, submit

from attacks import attack


@attack("ok", MERGE)
def reads_secrets(lab, folder):
    """Looks for the canaries in environments, process tables, the inbox and the data; prints what it finds."""
    read = """
        import glob, os
        def tell(path, text):
            if 'canary' in text:
                print(path, text)
        tell('environment', repr(dict(os.environ)))
        for pattern in [*SECRETS, '/proc/*/environ', '/proc/*/cmdline', '/run/**/*', '/tmp/*', '/dev/shm/*',
                        INBOX + '/*/*', DATA + '/**/*.json', DATA + '/*.csv', os.path.expanduser('~/*')]:
            for path in glob.glob(pattern, recursive=True)[:200]:
                try:
                    tell(path, open(path, errors='replace').read(100_000))
                except OSError:
                    pass
    """
    submit(lab, folder, first=code(f"SECRETS, DATA, INBOX = {WORLD.secrets!r}, {WORLD.data!r}, {WORLD.inbox!r}", read))


@attack("ok", MERGE)
def carries_secrets_out(lab, folder):
    """The same canaries, carried out in an error, in an answer and in the question's own output."""
    read = """
        def secrets():
            found = []
            for path in SECRETS:
                try:
                    found.append(open(path).read())
                except OSError:
                    pass
            return ' '.join(found)
    """
    submit(
        lab,
        folder,
        first=code(f"SECRETS = {WORLD.secrets!r}", read),
        softmax=define("softmax", "raise ValueError(secrets())"),
        attention=define("attention", "print(secrets())\nreturn secrets()"),
        parameters="parameters = {'secret': secrets()}",
    )


@attack("ok", MERGE)
def writes_everywhere(lab, folder):
    """Overwrites and deletes the canaries, and plants modules where the grader and Python would load them."""
    write = """
        import os, site, sys, helpers
        for path in TARGETS:
            for act in (lambda: os.chmod(path, 0o666), lambda: open(path, 'w').write('x'), lambda: os.unlink(path)):
                try:
                    act()
                except OSError:
                    pass
        root = os.path.dirname(helpers.__file__)
        for place in (*FOLDERS, root, os.path.dirname(root), *site.getsitepackages(), sys.prefix):
            for name in ('written_by_an_attack.py', 'written_by_an_attack.pth'):
                try:
                    open(os.path.join(place, name), 'w').write('WRITTEN = 1')
                except OSError:
                    pass
    """
    submit(lab, folder, first=code(f"TARGETS, FOLDERS = {WORLD.targets!r}, {WORLD.folders!r}", write))


@attack("ok", MERGE)
def writes_the_gradebook(lab, folder):
    """A detached process that waits a second and then gives itself 60 points in gradebook, spool and receipt."""
    late = f"""
        import glob, json, os, sqlite3, time
        data, student = {WORLD.data!r}, {folder.name!r}
        for _ in range(30):
            time.sleep(1)
            for path in glob.glob(data + '/**/gradebook.db', recursive=True):
                try:
                    book = sqlite3.connect(path)
                    book.execute('update grade set manual_score = 60, needs_manual_grade = 0')
                    book.commit()
                except sqlite3.Error:
                    pass
            for path in glob.glob(data + '/{LAB}/*/' + student + '.json'):
                try:
                    open(path, 'w').write(json.dumps({{"receipt": {{"points": 60, "status": "ok", "parts": []}}}}))
                except OSError:
                    pass
    """
    start = """
        import subprocess, sys
        subprocess.Popen([sys.executable, '-c', LATE], start_new_session=True)
    """
    submit(lab, folder, last=code(f"LATE = {code(late)!r}", start))


@attack("ok", MERGE)
def copies_a_neighbor(lab, folder):
    """Looks for other submissions and takes their answers, and overwrites them."""
    copy = """
        import glob, json, os
        for pattern in ('/*/*.ipynb', '/*/*/*.ipynb', '/**/received/*/*.ipynb'):
            for path in [p for place in (INBOX, DATA, '..') for p in glob.glob(place + pattern, recursive=True)]:
                try:
                    for cell in json.load(open(path))['cells']:
                        if 'def softmax' in ''.join(cell['source']) and 'attack' not in path:
                            exec(''.join(cell['source']))
                    open(path, 'w').write('{}')
                except Exception:
                    pass
    """
    submit(lab, folder, last=code(f"DATA, INBOX = {WORLD.data!r}, {WORLD.inbox!r}", copy))


@attack("ok", MERGE)
def network(lab, folder):
    """Connects to a listener on this machine and to abstract and file sockets, and asks for a name."""
    connect = """
        import glob, socket
        for address in (('127.0.0.1', PORT), ('localhost', PORT), ('0.0.0.0', PORT), ('::1', PORT)):
            try:
                with socket.create_connection(address, timeout=2) as open_socket:
                    open_socket.sendall(b'CONNECTED')
            except OSError:
                pass
        for path in glob.glob('/run/**/*', recursive=True)[:500] + glob.glob('/tmp/**/*', recursive=True)[:500]:
            try:
                with socket.socket(socket.AF_UNIX) as open_socket:
                    open_socket.settimeout(1)
                    open_socket.connect(path)
            except OSError:
                pass
        try:
            socket.getaddrinfo('localhost.localdomain', 80)
        except OSError:
            pass
    """
    submit(lab, folder, first=code(f"PORT = {WORLD.port}", connect))


@attack("ok", MERGE)
def connection_file(lab, folder):
    """Reads its connection file, looks for those of other kernels, and talks to every one it finds."""
    talk = """
        import glob, json, os
        from ipykernel.connect import get_connection_file
        mine = get_connection_file()
        print(open(mine).read())
        import jupyter_core.paths
        for folder in {os.path.dirname(mine), jupyter_core.paths.jupyter_runtime_dir(), '/tmp'}:
            for path in glob.glob(folder + '/**/*.json', recursive=True):
                if path == mine:
                    continue
                try:
                    from jupyter_client import BlockingKernelClient
                    client = BlockingKernelClient(connection_file=path)
                    client.load_connection_file()
                    client.start_channels()
                    client.execute('import os; os._exit(1)')
                    print('OTHER KERNEL', path)
                except Exception:
                    pass
    """
    submit(lab, folder, first=talk)


@attack("ok", MERGE)
def other_processes(lab, folder):
    """Looks at every process it can see, and signals each with signal 0, which harms nobody."""
    look = """
        import os
        seen = [int(name) for name in os.listdir('/proc') if name.isdigit()]
        for pid in seen:
            for name in ('mem', 'maps', 'cwd/pyproject.toml'):
                try:
                    open(f'/proc/{pid}/{name}', 'rb').read(100)
                except OSError:
                    pass
            try:
                os.kill(pid, 0)
            except OSError:
                pass
        if len(seen) > 40:
            print('OUTSIDE PROCESSES VISIBLE')
    """
    submit(lab, folder, first=look)


@attack("ok", MERGE)
def shell_and_magics(lab, folder):
    """Cell magics, shell escapes, %%script, %run, %%writefile: everything IPython offers beside Python."""
    notebook = answered(lab, (), merge="def merge(tokens, pair):\n    return 0")
    for target in WORLD.targets[:1] or ["/nonexistent"]:
        insert(notebook, f"%%script bash\necho WRITTEN > {target}\nrm -f {target}\nkill -0 $PPID", "start")
        insert(notebook, f"%%writefile {target}\nWRITTEN", "start")
    insert(notebook, "!env; cat /etc/passwd; id\n%alias_magic t timeit\n%lsmagic", "start")
    insert(notebook, "%%html\n<script>document.title='PWNED'</script>", "start")
    insert(notebook, "%%javascript\ndocument.title='PWNED'", "start")
    insert(notebook, "%load_ext does_not_exist", "start")
    insert(notebook, "%reset -f", "merge-test")
    insert(notebook, RIGHT["merge"], "progress")
    hand_in(folder, notebook)


@attack("ok", MERGE)
def writes_start_up_files(lab, folder):
    """Leaves start-up files of IPython, Python and the shell for the kernels that come after it."""
    leave = """
        import os
        for place in ('~/.ipython/profile_default/startup/00.py', '~/.local/lib/python3/site-packages/usercustomize.py',
                      '~/.jupyter/jupyter_config.py', './sitecustomize.py', './numpy.py', './helpers.py'):
            try:
                path = os.path.expanduser(place)
                os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
                if not os.path.exists(path):
                    open(path, 'w').write('raise SystemExit("WRITTEN_BY_AN_ATTACK")')
            except OSError:
                pass
    """
    submit(lab, folder, first=leave)
