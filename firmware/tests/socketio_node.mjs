// The reference server: socketio_node.mjs FOLDER_OF_NODE_MODULES PORT [polling]
import { createRequire } from "node:module";

const [folder, port, ...transports] = process.argv.slice(2);
const { Server } = createRequire(folder + "/")("socket.io");
const options = { pingInterval: 500, pingTimeout: 500 };
if (transports.length) options.transports = transports;
const io = new Server(options);

for (const name of ["/", "/admin"]) {
  const namespace = io.of(name);
  namespace.use((socket, next) => {
    if (socket.handshake.auth.token === "good") return next();
    next(Object.assign(new Error("who are you"), { data: { code: 7 } }));
  });
  namespace.on("connection", (socket) => {
    socket.emit("welcome", name);
    socket.on("echo", (...args) => args.pop()(...args));
    socket.on("ask", () =>
      socket.emit("question", 1, Buffer.from([1, 2]), { deep: [Buffer.from([3])] }, (...args) =>
        socket.emit("answered", ...args),
      ),
    );
    socket.on("kick", () => socket.disconnect());
    socket.on("cut", () => socket.conn.close());
  });
}
io.listen(Number(port));
