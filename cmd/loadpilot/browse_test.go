package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/terminal"
)

const (
	browsedShop = `
from loadpilot import VUser, scenario, task


@scenario(rps=20, duration="30s", ramp_up="5s")
class Buyers(VUser):
    @task
    def buy(self, client):
        client.get("/")


@scenario(rps=5, duration="10s", mode="step", steps=3)
class Readers(VUser):
    @task
    def read(self, client):
        client.get("/")
`
	browsedBroken = `
from loadpilot import VUser, scenario, task


@scenario(rps=0)
class Nobody(VUser):
    @task
    def rest(self, client):
        client.get("/")
`
)

// browsed makes a folder with scenarios in some of its files, and returns what is found in there.
func browsed(t *testing.T) []found {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"shop.py": browsedShop, "a/b/broken.py": browsedBroken, "a/tool.py": "print('hello')", "notes.txt": browsedShop,
		".venv/lib/loadpilot.py": browsedShop, "node_modules/x.py": browsedShop, "a/b/c/d/deep.py": browsedShop,
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	list, err := findScenarios(t.Context(), dir, nil)
	require.NoError(t, err)
	for i := range list {
		list[i].file, err = filepath.Rel(dir, list[i].file)
		require.NoError(t, err)
	}
	return list
}

func TestScenariosAreFound(t *testing.T) {
	t.Parallel()
	list := browsed(t)
	var titles []string
	for _, s := range list {
		titles = append(titles, filepath.ToSlash(s.title()))
	}
	require.Equal(t, []string{"a/b/broken.py", "shop.py  Buyers", "shop.py  Readers"}, titles)
	require.Contains(t, list[0].problem, "line 5: ")
	require.Contains(t, list[0].problem, "rps")
}

// press sends keys to the browser: names of keys, letters to type, and longer texts to paste.
func press(t *testing.T, b browser, keys ...string) (browser, bool) {
	t.Helper()
	named := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
		"tab": {Code: tea.KeyTab}, "backspace": {Code: tea.KeyBackspace},
		"ctrl+u": {Code: 'u', Mod: tea.ModCtrl}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl},
	}
	left := false
	for _, key := range keys {
		require.False(t, left, "the browser is gone before %q", key)
		var message tea.Msg = tea.PasteMsg{Content: key}
		if known, ok := named[key]; ok {
			message = known
		} else if len(key) == 1 {
			message = tea.KeyPressMsg{Code: rune(key[0]), Text: key}
		}
		model, command := b.Update(message)
		b, left = model.(browser), command != nil
	}
	return b, left
}

// begin starts a browser that was called with some flags.
func begin(t *testing.T, args ...string) browser {
	t.Helper()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(runOptions).register(flags)
	require.NoError(t, flags.Parse(args))
	return newBrowser(browsed(t), flags, terminal.NewPalette(io.Discard))
}

func TestBrowserMakesFlags(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args, keys []string
		want       []setting
	}{
		"as it is, on the sample shop": {nil, []string{"down", "enter", "enter"}, []setting{{"scenario", "Buyers"}, {"demo", "true"}}},
		"another target and rate": {
			nil,
			[]string{"down", "enter", "http://shop", "down", "down", "backspace", "backspace", "3", "5", "enter"},
			[]setting{{"scenario", "Buyers"}, {"target", "http://shop"}, {"rps", "35"}},
		},
		"of the second": {
			nil,
			[]string{"j", "j", "j", "k", "down", "enter", "tab", "tab", "tab", "tab", "tab", "ctrl+u", "7", "enter"},
			[]setting{{"scenario", "Readers"}, {"demo", "true"}, {"steps", "7"}},
		},
		"what the command line gives": {
			[]string{"-t", "http://given", "--rps", "9"},
			[]string{"down", "enter", "enter"},
			[]setting{{"scenario", "Buyers"}, {"target", "http://given"}, {"rps", "9"}},
		},
		"the target taken back": {
			[]string{"-t", "http://given"},
			[]string{"down", "enter", "ctrl+u", "enter"},
			[]setting{{"scenario", "Buyers"}, {"target", ""}, {"demo", "true"}},
		},
		"back to the list": {nil, []string{"down", "enter", "x", "esc", "down", "enter", "enter"}, []setting{{"scenario", "Readers"}, {"demo", "true"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, left := press(t, begin(t, tt.args...), tt.keys...)
			require.True(t, left)
			require.True(t, b.done)
			require.Equal(t, tt.want, b.settings())
		})
	}
}

func TestBrowserRefuses(t *testing.T) {
	t.Parallel()
	b, left := press(t, begin(t), "enter", "down", "enter", "down", "down", "down", "x", "up", "enter")
	require.False(t, left)
	require.Contains(t, b.View().Content, `"30sx" is not possible here`)
	require.Equal(t, "duration", b.fields[b.focus].flag, "the focus is on the field")
	b, left = press(t, b, "backspace", "enter")
	require.True(t, left)
	require.True(t, b.done)
	for _, keys := range [][]string{{"q"}, {"esc"}, {"ctrl+c"}, {"down", "enter", "ctrl+c"}} {
		b, left := press(t, begin(t), keys...)
		require.True(t, left)
		require.False(t, b.done)
	}
}

// However small the window is, the chosen scenario is in it, and no line is longer.
func TestBrowserFitsTheWindow(t *testing.T) {
	t.Parallel()
	b := begin(t)
	for range 5 {
		b.list = append(b.list, b.list...)
	}
	for _, size := range []tea.WindowSizeMsg{{Width: 1, Height: 1}, {Width: 20, Height: 8}, {Width: 100, Height: 30}} {
		model, _ := b.Update(size)
		b := model.(browser)
		for b.at = range b.list {
			lines := strings.Split(strings.TrimSuffix(b.View().Content, "\n"), "\n")
			require.LessOrEqual(t, len(lines), max(5, size.Height))
			marked := 0
			for _, line := range lines {
				require.LessOrEqual(t, ansi.StringWidth(line), size.Width)
				if strings.HasPrefix(line, "▸") || size.Width == 1 && strings.HasPrefix(line, "…") {
					marked++
				}
			}
			require.GreaterOrEqual(t, marked, 1)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"a/b.py": "a/b.py", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "$x": "'$x'"} {
		require.Equal(t, want, quoted(word))
	}
}
