package python_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestCancelReachesLongNatives: one call of a native does not outlast a stop.
func TestCancelReachesLongNatives(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"sum":      "sum(range(10**15))",
		"key":      "sorted(range(10**6), key=lambda x: [x for _ in range(10**6)])",
		"product":  "import itertools\nfor x in itertools.product(range(1000), repeat=9): pass",
		"power":    "while True: pow(3, 10**6)",
		"deepcopy": "import copy\nl = [[] for _ in range(10**4)]\nwhile True: copy.deepcopy(l)",
		"hashes":   "import hashlib\nb = b'x' * 10**7\nwhile True: hashlib.sha256(b)",
		"findall":  "import re\ns = 'a' * 10**6\nwhile True: re.findall('b', s)",
		"json":     "import json\ns = '[' + '1,' * 10**5 + '1]'\nwhile True: json.loads(s)",
		"one json": "import json\ns = '[' + '1,' * (2 * 10**7) + '1]'\njson.loads(s)",
		"one hash": "import hashlib\nhashlib.sha3_512(b'x' * (2 * 10**8))",
		"replace":  "s = 'a' * 10**6\nwhile True: s.replace('a', 'bb')",
		"sleep":    "import time\ntime.sleep(10**6)",
		"lock":     "import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()",
		"asyncio":  "import asyncio\nasync def f(): await asyncio.sleep(10**6)\nasyncio.run(f())",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prog, err := python.Compile("long.py", []byte(src), python.Config{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			begin := time.Now()
			_, err = prog.Load(ctx, runtime.NewThread(runtime.Limits{Steps: math.MaxInt64, Bytes: math.MaxInt64}))
			if !errors.Is(err, runtime.ErrCancelled) {
				t.Errorf("got %v", err)
			}
			t.Logf("%v after the stop", time.Since(begin)-100*time.Millisecond)
		})
	}
}
