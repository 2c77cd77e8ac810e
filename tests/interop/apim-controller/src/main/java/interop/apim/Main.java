package interop.apim;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.gravitee.exchange.api.configuration.IdentifyConfiguration;
import io.gravitee.exchange.controller.websocket.WebSocketExchangeController;
import io.gravitee.node.api.certificate.KeyStoreLoaderOptions;
import io.gravitee.node.api.certificate.TrustStoreLoaderOptions;
import io.gravitee.node.certificates.DefaultKeyStoreLoaderFactoryRegistry;
import io.gravitee.node.certificates.file.FileKeyStoreLoaderFactory;
import io.gravitee.node.certificates.file.FileTrustStoreLoaderFactory;
import io.gravitee.node.plugin.cache.standalone.StandaloneCacheManager;
import io.gravitee.node.plugin.cluster.standalone.StandaloneClusterManager;
import io.vertx.rxjava3.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Starts the controller of the exchange library the way an APIM host would, and the control API beside it. */
public final class Main {

    private static final String ID = "integration";

    private Main() {}

    public static void main(final String[] args) {
        try {
            run(args);
        } catch (Exception | LinkageError e) {
            // Event loops that have started already would keep a half-started process alive.
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static void run(final String[] args) throws Exception {
        final Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        if (options.wsPort == 0) {
            options.wsPort = freePort();
        }
        final EventLog events = new EventLog();
        final Model model = new Model(options, events);
        final RecordingSerDe serDe = new RecordingSerDe(events, options.logFrames);
        final ThreadLocal<Connection> upgrading = new ThreadLocal<>();
        final Vertx vertx = Vertx.vertx();

        final StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("oracle", properties(options)));

        final DefaultKeyStoreLoaderFactoryRegistry<KeyStoreLoaderOptions> keyStores = new DefaultKeyStoreLoaderFactoryRegistry<>();
        keyStores.registerFactory(new FileKeyStoreLoaderFactory());
        final DefaultKeyStoreLoaderFactoryRegistry<TrustStoreLoaderOptions> trustStores = new DefaultKeyStoreLoaderFactoryRegistry<>();
        trustStores.registerFactory(new FileTrustStoreLoaderFactory());

        final StandaloneClusterManager clusterManager = new StandaloneClusterManager(vertx.getDelegate());
        final StandaloneCacheManager cacheManager = new StandaloneCacheManager();
        clusterManager.start();
        cacheManager.start();

        final WatchedController controller = new WatchedController(
            new IdentifyConfiguration(environment, ID),
            clusterManager,
            cacheManager,
            vertx,
            keyStores,
            trustStores,
            new TokenAuthentication(options.tokens, events),
            new HandlersFactory(options.integrations, model, serDe, events, upgrading),
            serDe,
            events,
            upgrading
        );
        model.sender((command, integrationId) -> controller.sendCommand(command, integrationId).blockingGet());
        controller.start();
        awaitPort(options.wsHost, options.wsPort);

        final String version = version();
        final ControlApi control = new ControlApi(options, events, model, controller, version);
        final int httpPort = control.start();

        final CountDownLatch stopped = new CountDownLatch(1);
        Runtime
            .getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                        control.stop();
                        // The library's own stop waits for the good-bye of every connector; a test harness does not.
                        final Thread stopping = new Thread(() -> quietly(controller::stop), "stopping");
                        stopping.setDaemon(true);
                        stopping.start();
                        quietly(() -> stopping.join(2_000));
                        stopped.countDown();
                        // SIGTERM is how this program is meant to end: exit status 0, not 143.
                        Runtime.getRuntime().halt(0);
                    },
                    "shutdown"
                )
            );

        final Map<String, Object> ready = new LinkedHashMap<>();
        ready.put("ready", true);
        ready.put("wsPort", options.wsPort);
        ready.put("httpPort", httpPort);
        ready.put("exchangeVersion", version);
        System.out.println(new ObjectMapper().writeValueAsString(ready));
        System.out.flush();
        if (options.untilStdinCloses) {
            endWithStdin();
        }
        stopped.await();
    }

    /** A test runner that is killed cannot stop its children, but its end of their standard input closes. */
    private static void endWithStdin() {
        final Thread reading = new Thread(
            () -> {
                quietly(() -> System.in.transferTo(OutputStream.nullOutputStream()));
                System.exit(0);
            },
            "stdin"
        );
        reading.setDaemon(true);
        reading.start();
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void quietly(final Step step) {
        try {
            step.run();
        } catch (Exception e) {
            System.err.println("while stopping: " + Failures.describe(e));
        }
    }

    private static Map<String, Object> properties(final Options options) {
        final Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(ID + ".controller.ws.port", options.wsPort);
        properties.put(ID + ".controller.ws.host", options.wsHost);
        properties.put(ID + ".controller.ws.instances", options.wsInstances);
        properties.put(ID + ".controller.channel.healthcheck.delay", options.healthIntervalMs);
        if (options.tlsKeystore != null) {
            properties.put(ID + ".controller.ws.secured", true);
            for (String store : new String[] { "keystore", "truststore" }) {
                properties.put(ID + ".controller.ws.ssl." + store + ".type", "PKCS12");
                properties.put(ID + ".controller.ws.ssl." + store + ".path", options.tlsKeystore);
                properties.put(ID + ".controller.ws.ssl." + store + ".password", options.tlsPassword);
            }
        }
        return properties;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void awaitPort(final String host, final int port) throws Exception {
        final long deadline = System.nanoTime() + 20_000_000_000L;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(host, port), 500);
                return;
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    /** Version in the name of the jar the controller was loaded from. */
    private static String version() {
        final String jar = WebSocketExchangeController.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        return jar.replaceAll(".*gravitee-exchange-controller-websocket-(.*)\\.jar$", "$1");
    }
}
