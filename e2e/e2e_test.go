package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"rsc.io/script"
	"rsc.io/script/scripttest"
)

// TestScripts runs every script against one binary: the one that YIDAITONG_BIN names, or a fresh build.
func TestScripts(t *testing.T) {
	binary := buildBinary(t)
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts found: %v", err)
	}
	for _, file := range scripts {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer text.Close()
			dir := t.TempDir()
			env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "SHARED_DATA=" + sharedData(t)}
			state, err := script.NewState(t.Context(), dir, env)
			if err != nil {
				t.Fatal(err)
			}
			scripttest.Run(t, engine(t, binary), state, file, text)
		})
	}
}

// engine knows the commands of the scripts: the usual ones and ours.
func engine(t *testing.T, binary string) *script.Engine {
	t.Helper()
	cmds := scripttest.DefaultCmds()
	cmds["yidaitong"] = script.Program(binary, interrupt, 20*time.Second)
	cmds["exits"] = exits(binary)
	cmds["json"] = jsonValue()
	cmds["occupy"] = occupy(t)
	cmds["flip"] = flip()
	cmds["mode"] = mode()
	cmds["cut"] = cut(binary)
	cmds["get"] = get()
	server := &server{}
	t.Cleanup(server.kill)
	cmds["serve"] = server.start(binary)
	cmds["stop"] = server.interrupt()
	cmds["sum"] = sum()
	return &script.Engine{Cmds: cmds, Conds: scripttest.DefaultConds()}
}

func interrupt(c *exec.Cmd) error { return c.Process.Signal(os.Interrupt) }

// exits runs the binary and asks for one exit status: "exits 2 demo --nonsense".
func exits(binary string) script.Cmd {
	usage := script.CmdUsage{Summary: "run yidaitong and check its exit status", Args: "status args..."}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) < 1 {
			return nil, script.ErrUsage
		}
		want, err := strconv.Atoi(args[0])
		if err != nil {
			return nil, script.ErrUsage
		}
		run := script.Program(binary, interrupt, 20*time.Second)
		wait, err := run.Run(s, args[1:]...)
		if err != nil {
			return nil, err
		}
		return func(s *script.State) (string, string, error) {
			stdout, stderr, err := wait(s)
			got := 0
			var exit *exec.ExitError
			switch {
			case errors.As(err, &exit):
				got = exit.ExitCode()
			case err != nil:
				return stdout, stderr, err
			}
			if got != want {
				return stdout, stderr, fmt.Errorf("exit status is %d, not %d", got, want)
			}
			return stdout, stderr, nil
		}, nil
	})
}

// jsonValue looks into the one JSON object on standard output: "json steps.0.name register" (the path is gjson's).
func jsonValue() script.Cmd {
	usage := script.CmdUsage{Summary: "compare a value of the JSON object last printed", Args: "path value"}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) != 2 {
			return nil, script.ErrUsage
		}
		if !gjson.Valid(s.Stdout()) {
			return nil, errors.New("standard output is not one JSON value")
		}
		if got := gjson.Get(s.Stdout(), args[0]); got.String() != args[1] {
			return nil, fmt.Errorf("%s is %q, not %q", args[0], got.String(), args[1])
		}
		return nil, nil
	})
}

// occupy holds a port until the test ends and puts its address into a variable: "occupy ADDRESS".
func occupy(t *testing.T) script.Cmd {
	usage := script.CmdUsage{Summary: "listen on a free port and name its address", Args: "variable"}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) != 1 {
			return nil, script.ErrUsage
		}
		l, err := (&net.ListenConfig{}).Listen(s.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { l.Close() })
		return nil, s.Setenv(args[0], l.Addr().String())
	})
}

// flip changes one bit in the middle of the largest file under a folder: "flip D/log/node/tile".
func flip() script.Cmd {
	usage := script.CmdUsage{Summary: "change one bit in the largest file under a folder", Args: "folder"}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) != 1 {
			return nil, script.ErrUsage
		}
		file, err := largest(s.Path(args[0]))
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err == nil && len(text) == 0 {
			err = fmt.Errorf("%s is empty: nothing to change", file)
		}
		if err != nil {
			return nil, err
		}
		text[len(text)/2] ^= 1
		if err := os.Chmod(file, 0o600); err != nil {
			return nil, err
		}
		return nil, os.WriteFile(file, text, 0o600)
	})
}

func largest(folder string) (string, error) {
	best, size := "", int64(-1)
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() && info.Size() > size {
			best, size = path, info.Size()
		}
		return err
	})
	if err == nil && best == "" {
		err = fmt.Errorf("no file under %s", folder)
	}
	return best, err
}

// mode checks a file's permissions: "mode 600 D/accounts.json".
func mode() script.Cmd {
	usage := script.CmdUsage{Summary: "check a file's permissions", Args: "octal file"}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) != 2 {
			return nil, script.ErrUsage
		}
		info, err := os.Stat(s.Path(args[1]))
		if err != nil {
			return nil, err
		}
		if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
			return nil, fmt.Errorf("permissions of %s are %s, not %s", args[1], got, args[0])
		}
		return nil, nil
	})
}

func buildBinary(t *testing.T) string {
	t.Helper()
	if binary := os.Getenv("YIDAITONG_BIN"); binary != "" {
		absolute, err := filepath.Abs(binary)
		if err != nil {
			t.Fatal(err)
		}
		return absolute
	}
	binary := filepath.Join(t.TempDir(), "yidaitong")
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "../cmd/yidaitong")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the binary: %v\n%s", err, out)
	}
	return binary
}

// sharedData is the folder of the real data sets, which may be absent.
func sharedData(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// sum checks that one number of the JSON object last printed is the sum of others: "sum received landed quarantined duplicates".
func sum() script.Cmd {
	usage := script.CmdUsage{Summary: "check that a number of the JSON object last printed is the sum of others", Args: "total parts..."}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) < 2 {
			return nil, script.ErrUsage
		}
		var parts int64
		for _, path := range args[1:] {
			parts += gjson.Get(s.Stdout(), path).Int()
		}
		if total := gjson.Get(s.Stdout(), args[0]).Int(); total != parts || total == 0 {
			return nil, fmt.Errorf("%s is %d, its parts add up to %d", args[0], total, parts)
		}
		return nil, nil
	})
}

// cut runs the binary and ends it the moment a line of its progress matches: "cut INT 'apply +ok' demo --check --dir d".
func cut(binary string) script.Cmd {
	usage := script.CmdUsage{Summary: "run yidaitong and send it a signal (INT or KILL) when its progress matches", Args: "signal pattern args..."}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) < 3 {
			return nil, script.ErrUsage
		}
		pattern, err := regexp.Compile(args[1])
		if err != nil {
			return nil, err
		}
		signal := map[string]os.Signal{"INT": os.Interrupt, "KILL": os.Kill}[args[0]]
		cmd := exec.CommandContext(s.Context(), binary, args[2:]...)
		cmd.Dir, cmd.Env = s.Getwd(), s.Environ()
		progress, err := cmd.StderrPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		var stderr strings.Builder
		sent := false
		for lines := bufio.NewScanner(progress); lines.Scan(); {
			fmt.Fprintln(&stderr, lines.Text())
			if !sent && pattern.MatchString(lines.Text()) {
				sent = true
				if err := cmd.Process.Signal(signal); err != nil {
					return nil, err
				}
			}
		}
		err = cmd.Wait()
		return func(*script.State) (string, string, error) {
			switch {
			case !sent:
				return "", stderr.String(), fmt.Errorf("no line matched %s", args[1])
			case err == nil:
				return "", stderr.String(), errors.New("it ended well although it was cut off")
			}
			return "", stderr.String(), nil
		}, nil
	})
}

// server is the one program that a script keeps running.
type server struct {
	cmd    *exec.Cmd
	stderr strings.Builder
}

// start runs the binary until it has printed its JSON object, and puts HOST:PORT of its address into a variable:
// "serve ADDRESS demo --json --dir d --listen 127.0.0.1:0".
func (v *server) start(binary string) script.Cmd {
	usage := script.CmdUsage{Summary: "run yidaitong until it serves, and name its address", Args: "variable args..."}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) < 2 || v.cmd != nil {
			return nil, script.ErrUsage
		}
		cmd := exec.Command(binary, args[1:]...)
		cmd.Dir, cmd.Env, cmd.Stderr = s.Getwd(), s.Environ(), &v.stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		v.cmd = cmd
		line, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("it ended before it served: %w\n%s", err, v.stderr.String())
		}
		address := strings.TrimPrefix(gjson.Get(line, "address").String(), "http://")
		if address == "" {
			return nil, errors.New("it printed no address")
		}
		return func(*script.State) (string, string, error) { return line, "", nil }, s.Setenv(args[0], address)
	})
}

// interrupt stops the server as Ctrl-C does; it must end well.
func (v *server) interrupt() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "stop the server as Ctrl-C does"}, func(*script.State, ...string) (script.WaitFunc, error) {
		if v.cmd == nil {
			return nil, script.ErrUsage
		}
		if err := v.cmd.Process.Signal(os.Interrupt); err != nil {
			return nil, err
		}
		err := v.cmd.Wait()
		v.cmd = nil
		return func(*script.State) (string, string, error) { return "", v.stderr.String(), err }, nil
	})
}

func (v *server) kill() {
	if v.cmd != nil {
		v.cmd.Process.Kill()
		v.cmd.Wait()
	}
}

// get fetches an address and prints the body: "get $ADDRESS/healthz". Anything but 200 fails.
func get() script.Cmd {
	usage := script.CmdUsage{Summary: "fetch HOST:PORT/PATH", Args: "address"}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		if len(args) != 1 {
			return nil, script.ErrUsage
		}
		req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, "http://"+args[0], nil)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("status is %d", res.StatusCode)
		}
		return func(*script.State) (string, string, error) { return string(body), "", err }, nil
	})
}
