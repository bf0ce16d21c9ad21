/** The settings that differ from Next's defaults: the tests build the same application in both forms of output. */
module.exports = process.env.OUTPUT === "standalone" ? { output: "standalone" } : {};
