package runtime

import "slices"

// Identity is what makes a virtual user one thread of Python's for the script: the
// number that threading.get_ident gives, and its attributes of threading.local. It
// outlives the invocations of its user, who must run one at a time.
type Identity struct {
	Number int64 // from 1
	locals map[*Object]*Object
}

// identity is that of the invocation. Without a user it is the main thread's, which
// lasts as long as the invocation.
func (th *Thread) identity() *Identity {
	if th.Identity == nil {
		th.Identity = &Identity{}
	}
	return th.Identity
}

// Ident is the number of the user that runs, 0 outside of users.
func (th *Thread) Ident() int64 { return th.identity().Number }

// LocalClass is threading.local: each user sees attributes of its own, and __init__
// runs again for each with the arguments of the first.
var LocalClass = newLocalClass()

func newLocalClass() *Class {
	c := NewFrozenClass("_thread", "_thread._local", nil, nil)
	c.perUser = true
	return c
}

// localArgs is the attribute that keeps the arguments; scripts cannot name it.
const localArgs = " args"

// makeLocal is local.__new__.
func makeLocal(th *Thread, cls *Class, a Args) (Value, error) {
	o := NewObject(cls)
	o.set(localArgs, NewTuple(NewTuple(slices.Clone(a.Pos())...), a.KwDict()))
	th.keepLocal(o, &Object{class: cls}) // __init__ follows for the user that makes it
	return o, nil
}

func (th *Thread) keepLocal(o, own *Object) {
	id := th.identity()
	if id.locals == nil {
		id.locals = map[*Object]*Object{}
	}
	id.locals[o] = own
}

// own is the user's part of a threading.local, made when it is first looked at.
func (th *Thread) own(o *Object) (*Object, error) {
	if own := th.identity().locals[o]; own != nil {
		return own, nil
	}
	if err := th.Alloc(200); err != nil {
		return nil, err
	}
	own := &Object{class: o.class}
	th.keepLocal(o, own)
	init := slotValue(o.class.shape().members["__init__"])
	if init == objectInit {
		return own, nil
	}
	given := o.get(localArgs).(*Tuple)
	a := Args{Vals: append([]Value{o}, given.Items[0].(*Tuple).Items...)}
	for k, v := range given.Items[1].(*Dict).All() {
		a.Names, a.Vals = append(a.Names, string(k.(Str))), append(a.Vals, v)
	}
	_, err := CallArgs(th, init, a)
	if err != nil {
		delete(th.identity().locals, o)
	}
	return own, err
}

// Abandoned is a lock that an invocation may leave behind.
type Abandoned interface {
	// Abandon frees the lock when th's invocation still holds it, and tells whether it did.
	Abandon(th *Thread) bool
}

// Hold remembers that the invocation took a lock; Drop that it gave it back.
func (th *Thread) Hold(l Abandoned) { th.held = append(th.held, l) }

// Drop ends what Hold began.
func (th *Thread) Drop(l Abandoned) {
	for i, held := range slices.Backward(th.held) {
		if held == l {
			th.held = slices.Delete(th.held, i, i+1)
			return
		}
	}
}

// abandonLocks frees what the invocation still holds, or nobody else would ever get it.
func (th *Thread) abandonLocks() {
	for _, l := range th.held {
		if l.Abandon(th) {
			if w := th.Stderr(); w != nil {
				_, _ = w.Write([]byte("a lock was released: the invocation that held it has ended\n")) // nobody to tell
			}
		}
	}
	clear(th.held)
	th.held = th.held[:0]
}

// Main is the thread of the invocation, also for its coroutines.
func (th *Thread) Main() *Thread {
	if th.task != nil {
		return th.task.loop.main.th
	}
	return th
}
