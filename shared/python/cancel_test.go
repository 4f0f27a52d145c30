package python_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestCancelReachesLongNatives: one call of a native does not outlast a stop.
func TestCancelReachesLongNatives(t *testing.T) { //nolint:paralleltest // the time is measured
	for name, src := range map[string]string{ //nolint:paralleltest // as above
		"sum":      "sum(range(10**15))",
		"key":      "sorted(range(10**6), key=lambda x: [x for _ in range(10**6)])",
		"product":  "import itertools\nfor x in itertools.product(range(1000), repeat=9): pass",
		"power":    "while True: pow(3, 10**6)",
		"deepcopy": "import copy\nl = [[] for _ in range(10**4)]\nwhile True: copy.deepcopy(l)",
		"hashes":   "import hashlib\nb = b'x' * 10**7\nwhile True: hashlib.sha256(b)",
		"findall":  "import re\ns = 'a' * 10**6\nwhile True: re.findall('b', s)",
		"json":     "import json\ns = '[' + '1,' * 10**5 + '1]'\nwhile True: json.loads(s)",
		"replace":  "s = 'a' * 10**6\nwhile True: s.replace('a', 'bb')",
		"sleep":    "import time\ntime.sleep(10**6)",
		"lock":     "import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()",
		"asyncio":  "import asyncio\nasync def f(): await asyncio.sleep(10**6)\nasyncio.run(f())",
	} {
		t.Run(name, func(t *testing.T) {
			prog, err := python.Compile("long.py", []byte(src), python.Config{})
			if err != nil {
				t.Fatal(err)
			}
			stop(t, func(ctx context.Context) error {
				_, err := prog.Load(ctx, unlimited())
				return err
			})
		})
	}
}

// TestCancelReachesHugeNatives: calls that work through fifty megabytes or millions of items
// part by part, one by one.
func TestCancelReachesHugeNatives(t *testing.T) { //nolint:paralleltest // the time is measured
	const (
		text    = "s = 'ab cd ef, ' * 4_500_000\n" // 50 MB
		data    = "b = b'ab cd ef, ' * 4_500_000\n"
		numbers = "r = range(10**7)\n"
		items   = "l = [5, 3, 9, 1, 7] * 400_000\n"
	)
	scripts := map[string]hugeCall{
		"json loads array":   {"import json\ns = '[' + '1,' * (2 * 10**7) + '1]'\n", "json.loads(s)"},
		"json dumps list":    {"import json\n" + items, "json.dumps(l)"},
		"hash sha3":          {"import hashlib\nb = b'x' * (10**8)\n", "hashlib.sha3_512(b)"},
		"hash blake2":        {"import hashlib\nb = b'x' * (10**8)\n", "hashlib.blake2s(b)"},
		"hmac":               {"import hmac\nb = b'x' * (10**8)\n", "hmac.digest(b'k', b, 'sha512')"},
		"list sort":          {items, "sorted(l)"},
		"sorted range":       {numbers, "sorted(r)"},
		"sum":                {numbers, "sum(r)"},
		"min":                {numbers, "min(r)"},
		"max of list":        {items, "max(l)"},
		"in list":            {items, "0 in l"},
		"count of list":      {items, "l.count(0)"},
		"split":              {text, "s.split(', ')"},
		"replace":            {text, "s.replace('ab', 'xyz')"},
		"replace empty":      {text, "s.replace('', '.')"},
		"count":              {text, "s.count('e')"},
		"find":               {"s = 'a' * 50_000_000\n", "s.find('ab')"},
		"decode latin":       {data, "b.decode('latin-1')"},
		"bytes of list":      {items, "bytes(l)"},
		"bytes to list":      {data, "list(b)"},
		"format":             {text, "'{}{:>60000000}'.format(s, s)"},
		"base64":             {"import base64\n" + data, "base64.b64encode(b)"},
		"base64 alternative": {"import base64\n" + data, "base64.b64encode(b, b'-_')"},
		"base64 decoded":     {"import base64\ns = 'QUJD' * 12_000_000\n", "base64.b64decode(s)"},
		"base32":             {"import base64\n" + data, "base64.b32encode(b)"},
		"base16":             {"import base64\n" + data, "base64.b16encode(b)"},
		"crc32":              {"import binascii\n" + data, "binascii.crc32(b)"},
		"re search":          {"import re\n" + text, "re.search('xyz', s)"},
		"re findall":         {"import re\n" + text, "re.findall('ab', s)"},
		"re sub":             {"import re\n" + text, "re.sub('ab', 'x', s)"},
		"re split":           {"import re\n" + text, "re.split(', ', s)"},
		"csv":                {"import csv\ns = 'ab,cd,\"ef\",' * 4_500_000\n", "list(csv.reader([s]))"},
		"csv written":        {"import csv, io\nl = ['ab', 'c,d'] * (5 * 10**6)\n", "csv.writer(io.StringIO()).writerow(l)"},
		"deque":              {"from collections import deque\n" + items, "deque(l)"},
		"counter":            {"from collections import Counter\n" + items, "Counter(l)"},
		"shuffle":            {"import random\n" + items, "random.shuffle(l)"},
		"fsum":               {"import math\nl = [0.1] * 10**7\n", "math.fsum(l)"},
	}
	for _, name := range slices.Sorted(maps.Keys(scripts)) { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) { scripts[name].cancelAmid(t) })
	}
}

func unlimited() *runtime.Thread {
	return runtime.NewThread(runtime.Limits{Steps: math.MaxInt64, Bytes: math.MaxInt64})
}

// A hugeCall is a call that takes long on what setup made.
type hugeCall struct{ setup, call string }

// cancelAmid repeats the call and stops it.
func (c hugeCall) cancelAmid(t *testing.T) {
	t.Helper()
	prog, err := python.Compile("huge.py", []byte(c.setup+"def task():\n  while True:\n    "+strings.ReplaceAll(c.call, "\n", "\n    ")), python.Config{})
	if err != nil {
		t.Fatal(err)
	}
	th := unlimited()
	m, err := prog.Load(t.Context(), th)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, func(ctx context.Context) error {
		_, err := th.Call(ctx, m.Get("task"), nil)
		return err
	})
}

// beforeStop is how long a call has gone on when it is stopped.
const beforeStop = 50 * time.Millisecond

// stop stops a call that would not end by itself, and bounds the processor time that this process takes until it has.
func stop(t *testing.T, call func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped := make(chan time.Duration, 1)
	time.AfterFunc(beforeStop, func() {
		stopped <- cpuTime()
		cancel()
	})
	err := call(ctx)
	took := cpuTime() - <-stopped
	if !errors.Is(err, runtime.ErrCancelled) {
		t.Errorf("got %v", err)
	}
	t.Logf("%v of the processors after the stop", took.Round(time.Millisecond))
	if took > heardWithin {
		t.Errorf("the call took %v of the processors after the stop", took)
	}
}
