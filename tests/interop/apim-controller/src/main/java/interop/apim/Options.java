package interop.apim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Command line of the oracle. */
final class Options {

    int wsPort;
    int httpPort;
    String wsHost = "127.0.0.1";
    int wsInstances;
    /** integration id -> provider */
    final Map<String, String> integrations = new LinkedHashMap<>();
    final List<String> tokens = new ArrayList<>();
    long healthIntervalMs = 30_000;
    long jobDelayMs = 200;
    long jobTimeoutMs = 300_000;
    int commandTimeoutMs = 60_000;
    String tlsKeystore;
    String tlsPassword;
    String environmentId = "DEFAULT";
    boolean logFrames;
    boolean untilStdinCloses;

    static Options parse(final String[] args) {
        final Options options = new Options();
        int i = 0;
        while (i < args.length) {
            final String name = args[i++];
            if ("--log-frames".equals(name)) {
                options.logFrames = true;
                continue;
            }
            if ("--until-stdin-closes".equals(name)) {
                options.untilStdinCloses = true;
                continue;
            }
            if (i >= args.length) {
                throw new IllegalArgumentException("missing value for " + name);
            }
            options.set(name, args[i++]);
        }
        if (options.integrations.isEmpty()) {
            options.integrations.put("integration-1", "aws-api-gateway");
        }
        if (options.tokens.isEmpty()) {
            options.tokens.add("secret-token");
        }
        return options;
    }

    private void set(final String name, final String value) {
        switch (name) {
            case "--ws-port" -> wsPort = Integer.parseInt(value);
            case "--http-port" -> httpPort = Integer.parseInt(value);
            case "--ws-host" -> wsHost = value;
            case "--ws-instances" -> wsInstances = Integer.parseInt(value);
            case "--token" -> tokens.add(value);
            case "--integration" -> {
                final int separator = value.indexOf('=');
                if (separator < 1) {
                    throw new IllegalArgumentException("--integration wants <id>=<provider>");
                }
                integrations.put(value.substring(0, separator), value.substring(separator + 1));
            }
            case "--health-interval-ms" -> healthIntervalMs = Long.parseLong(value);
            case "--job-delay-ms" -> jobDelayMs = Long.parseLong(value);
            case "--job-timeout-ms" -> jobTimeoutMs = Long.parseLong(value);
            case "--command-timeout-ms" -> commandTimeoutMs = Integer.parseInt(value);
            case "--tls-keystore" -> tlsKeystore = value;
            case "--tls-password" -> tlsPassword = value;
            case "--environment" -> environmentId = value;
            default -> throw new IllegalArgumentException("unknown option " + name);
        }
    }
}
