package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// Host is what the embedding program gives to the modules of one program.
type Host struct {
	Environ map[string]string // os.environ
}

// Factory makes a module for one load of a program.
type Factory func(h Host) *runtime.Module

// Modules are those every program may import. The map is new at each call, so that
// a host can add its own.
func Modules() map[string]Factory {
	return map[string]Factory{
		"asyncio":     newAsyncio,
		"collections": newCollections,
		"base64":      newBase64,
		"binascii":    newBinascii,
		"csv":         newCSV,
		"dataclasses": newDataclasses,
		"datetime":    newDatetime,
		"hashlib":     newHashlib,
		"hmac":        newHMAC,
		"io":          newIO,
		"copy":        newCopy,
		"enum":        newEnum,
		"functools":   newFunctools,
		"itertools":   newItertools,
		"json":        newJSON,
		"logging":     newLogging,
		"math":        newMath,
		"os":          newOS,
		"random":      newRandom,
		"secrets":     newSecrets,
		"re":          newRe,
		"string":      newString,
		"threading":   newThreading,
		"time":        newTime,
		"typing":      newTyping,
		"traceback":   newTraceback,
		"urllib":      newURLLib, "urllib.parse": newURLParse,
		"uuid": newUUID,
	}
}

// Advice tells what to use instead of names and modules that do not exist here;
// modules stand under "import <name>".
func Advice() map[string]string {
	const noFiles = "a scenario has no files; put the data into the scenario"
	const noCode = "a scenario cannot run code it makes itself"
	return map[string]string{
		"eval": noCode, "exec": noCode, "compile": noCode,
		"open":            noFiles,
		"input":           "nobody can answer; use os.environ",
		"__import__":      "use an import statement",
		"breakpoint":      "use print()",
		"globals":         "use a dict of your own",
		"locals":          "use a dict of your own",
		"memoryview":      "use bytes",
		"bytearray":       "use bytes, or a list of integers",
		"complex":         "use two floats",
		"exit":            "raise an exception instead",
		"quit":            "raise an exception instead",
		"import requests": "use the client that the task is given: client.get(…)",
		"import urllib3":  "use the client that the task is given: client.get(…)",
		"import aiohttp":  "use the client that the task is given: client.get(…)",
		"import socket":   "use the client that the task is given: client.get(…)",
		"import pathlib":  noFiles, "import shutil": noFiles, "import tempfile": noFiles,
		"import subprocess":       "a scenario cannot start programs",
		"import sys":              "use os.environ for settings and print() for output",
		"import pickle":           "use json",
		"import ast":              noCode,
		"import threading.Thread": "users run at the same time already; within one, use asyncio.gather or client.batch",
		"import faker":            "use random, string and uuid",
		"import numpy":            "use math and random",
	}
}
