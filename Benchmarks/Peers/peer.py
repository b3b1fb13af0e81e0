"""The loop of every peer: one command a line in, one line of JSON out."""
import json
import resource
import sys
import traceback


def serve(name, commands):
    def say(answer):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    say({"name": name})
    for line in sys.stdin:
        words = line.split()
        if not words:
            continue
        try:
            say(commands[words[0]](*words[1:]) or {})
        except Exception as error:  # a peer that fails is told, not hidden
            traceback.print_exc()
            say({"error": repr(error)})


def memory():
    return {"mib": [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]}
