// Package python is LoadPilot's own engine for a subset of Python 3.11, in
// pure Go. It knows nothing of load testing and imports nothing of the project
// but its four rooms:
//
//	syntax    lexer, parser, positions            source  → tree
//	compiler  scopes, refusals, constant folding  tree    → closures
//	runtime   values, classes, calls, exceptions, limits
//	stdlib    the modules a script may import, in a fixed table
//
// # Embedding
//
// A host compiles a file once, loads it once, and calls it from as many
// goroutines as it likes:
//
//	prog, err := python.Compile("checkout.py", src, python.Config{
//		Modules: map[string]stdlib.Factory{"loadpilot": newLoadPilot},
//		Environ: map[string]string{"REGION": "eu"},
//	})                                  // *syntax.Error: file, line, caret
//	th := runtime.NewThread(runtime.Limits{Steps: 1e7, Bytes: 64 << 20})
//	mod, err := prog.Load(ctx, th)      // runs the module body, then publishes
//
// Everything a host touches afterwards is in package runtime.
//
// Values: runtime.Value is an interface; its Go types are Int, *BigInt, Float,
// Bool, Str, Bytes, None, *Tuple, *List, *Dict, *Set, *Object (an instance),
// *Class, *Function, *BoundMethod, *Native, *Module, *Exception and the host's
// own. runtime.FromGo and runtime.ToGo convert plain data both ways;
// runtime.ParseJSON turns a body straight into values.
//
// Native functions have one shape and one argument view:
//
//	func(th *runtime.Thread, a runtime.Args) (runtime.Value, error)
//
// a.Vals holds the positional values and then the keyword values, named by
// a.Names. Vals lives on the thread's stack: copy what must outlive the call.
// runtime.NewNative("get(self, path, *, headers=None, json=None)", fn) binds the
// arguments to a signature first, with CPython's errors: fn then finds one value for
// each parameter in a.Vals, in order. runtime.NewRaw leaves them as they came.
//
// Native types are Go pointers with a Class method. Their class comes from
// runtime.NewNativeClass(name, runtime.Members{...}): a *Native member is a
// method (its first argument is self), a *Getter a read-only attribute.
// runtime.NewClass makes a class that scripts may inherit from.
//
// Reading what was loaded: mod.Get, mod.Names, runtime.GetAttr, SetAttr,
// Class.Lookup (along the MRO), Class.Own, Class.Names, Function.Name. A decorator is a
// native that gets the class or function; it may leave marks with SetAttr.
//
// Calling: th.Call(ctx, fn, args, kwargs...) is one invocation. It starts the
// step and byte budgets anew, hears ctx while it runs (also in time.sleep
// and in locks), turns a Go panic into SystemError and awaits a coroutine. fn
// may be a class: that makes an instance. A native that calls back into Python
// within an invocation uses runtime.Call instead. A Thread serves one goroutine
// at a time; it is an interpreter stack that is borrowed while a task runs
// (ThreadPool) and holds the budgets, the random state (th.Seed), the print
// sink (th.Out), that of logs and tracebacks (th.Err, or th.Out) and the host's own
// pointer (th.Host). A native that waits for the outside does so within
// th.Blocking(func() { … }), so that coroutines started beside the running one go on.
//
// Errors of a call are *runtime.Exception: errors.As finds it, Traceback
// prints it exactly as CPython 3.11 does, Frames lists file, line, function
// and caret columns, Comparison has both sides of a failed assert. A limit, a
// cancel: errors.Is(err, runtime.ErrStepLimit, ErrMemoryLimit, ErrCancelled).
//
// # Sharing
//
// A program is immutable. When Load ends, everything reachable from the module's
// names, from class attributes and from closures is published: its lists,
// dicts, sets and instances carry a lock from then on, and so does whatever is
// later stored into them. Private data carries none. Each operation is atomic,
// as under CPython's GIL; a sequence of them needs threading.Lock.
//
// # Differences from CPython
//
// A coroutine is a plain nested call until it waits; those given to asyncio.gather or
// create_task run on goroutines of their own, one at a time, in CPython's order. Each
// invocation has its own event loop: what is left at its end is cancelled, and an await
// that nothing can ever end is a RuntimeError. Awaiting a list, or an answer of the
// host, gives the same value. The threads of module threading are the virtual users;
// a lock that an invocation still holds at its end is released, with a line on
// stderr. Sets are
// ordered by insertion. Identity of numbers and strings is equality of value.
// After a step limit or a cancel no except clause catches, and finally blocks
// get a small grace budget. A yield may stand in any part of an expression that is
// always evaluated. A for loop over a generator that is left
// early does not run its finally blocks.
// __dict__ of an instance is made anew each time: what is written to it is written to
// the instance, but one that was kept does not hear of later changes. A traceback shows at most the 20 newest of chained exceptions. Strings are UTF-8; lone surrogates become U+FFFD.
package python
