// Run a program on MicroPython's WebAssembly build:
//   node wasm.mjs MICROPYTHON.mjs PROGRAM.py FOLDER...   each FOLDER is a place of modules
import fs from "node:fs";
import path from "node:path";

const [build, program, ...folders] = process.argv.slice(2);
const { loadMicroPython } = await import(path.resolve(build));
const micropython = await loadMicroPython({
  heapsize: 16 * 1024 * 1024,
  linebuffer: true,
  stdout: (line) => console.log(line),
});

function copy(from, to) {
  micropython.FS.mkdirTree(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    if (entry.isDirectory() && fs.existsSync(path.join(source, "__init__.py"))) {
      copy(source, `${to}/${entry.name}`);
    } else if (entry.name.endsWith(".py")) {
      micropython.FS.writeFile(`${to}/${entry.name}`, fs.readFileSync(source));
    }
  }
}

for (const [index, folder] of folders.entries()) {
  copy(folder, `/place${index}`);
  micropython.runPython(`import sys; sys.path.append("/place${index}")`);
}
micropython.runPython(fs.readFileSync(program, "utf8"));
process.exit(0);
